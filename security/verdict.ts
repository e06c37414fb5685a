/** The gate's verdict on one call. deny > ask > allow; a call that no rule covers is asked. */
export type Verdict = {
  verdict: 'allow' | 'ask' | 'deny';
  /** The rule that decided, in words for a person. */
  rule: string;
  /**
   * Of an `ask`. `contained`: the walls hold all its effects and the diff shows them. `beyond`: it needs more than the
   * walls give, shows secrets, or destroys data that cannot be brought back.
   */
  risk?: 'contained' | 'beyond';
  /** The subject of the rule, from which the next step of a refused agent follows. */
  kind?: RuleKind;
  /** Of an `ask`: the narrowest rule for `policy.commands.allow` that would have allowed it; absent: there is none. */
  pattern?: string;
};

export type RuleKind =
  | 'only_reads'
  | 'outside'
  | 'git_folder'
  | 'keys'
  | 'scope'
  | 'instructs'
  | 'checks'
  | 'network'
  | 'command_rule'
  | 'path_rule'
  | 'unknown_words'
  | 'unheld';
