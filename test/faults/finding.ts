/** What went wrong in one play, conversation or kill. */
export interface Finding {
  /** Its number: with the same seed it is the same again. */
  readonly index: number;
  readonly what: string;
}
