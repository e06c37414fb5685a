/** How a goal in a generated repository ended. */
export type Played = {
  title: string;
  /** `named`: it stopped and told places that cannot be decided. `refused`: it did nothing, or told more than that. */
  end: 'complete' | 'named' | 'refused';
  /** Whether the answer is known, so that it had to be complete. */
  isDecidable: boolean;
  /** Empty when the end is right. */
  wrong: string[];
  /** The tool's own words. */
  said: string;
};
