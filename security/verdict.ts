/** What the gate says of one call. deny > ask > allow; what no rule covers is asked. */
export type Verdict = {
  verdict: 'allow' | 'ask' | 'deny';
  /** The rule that spoke, in words for a person. */
  rule: string;
  /**
   * Of an `ask`. `contained`: whatever it does, the walls hold it and the diff shows it. `beyond`: it needs what the walls
   * do not give, shows secrets, or destroys what nobody could bring back.
   */
  risk?: 'contained' | 'beyond';
  /** Of an `ask`: the narrowest rule for `policy.commands.allow` that would have allowed it; absent: there is none. */
  pattern?: string;
};
