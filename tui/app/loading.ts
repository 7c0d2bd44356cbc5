/**
 * A log that is still being read while the dashboard shows it. The dashboard asks for more between
 * frames; keys are answered in between.
 */
export type Loading = {
  /** Goes on for about so many milliseconds; false: there is no more. */
  readonly more: (ms: number) => Promise<boolean>;
  /** How far it is, in a few words; why it stopped, if it did; '' when all is there. */
  readonly status: () => string;
};
