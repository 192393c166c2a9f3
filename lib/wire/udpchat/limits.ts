/**
 * What a reliable link may hold.
 *
 * @module
 */

/** Bounds of one link; each holds by itself. */
export interface LinkLimits {
  /** Datagrams of ours that wait for their ACK. */
  readonly window: number;
  /** Bytes of them; a longer one goes alone. */
  readonly windowBytes: number;
  /** Requests that the application has and did not answer; no more are taken. */
  readonly unanswered: number;
  /** Requests that came before their turn. */
  readonly held: number;
  /** Bytes of their datagrams. */
  readonly heldBytes: number;
  /** Answers that can be given again; the oldest are forgotten. */
  readonly answers: number;
  /** Bytes of them. */
  readonly answerBytes: number;
}

/** Enough for people, little enough for thousands of links. */
export const LINK_LIMITS: LinkLimits = {
  window: 32,
  windowBytes: 131_072,
  unanswered: 128,
  held: 64,
  heldBytes: 131_072,
  answers: 1_024,
  answerBytes: 262_144,
};
