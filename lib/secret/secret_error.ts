/**
 * Why a secret message can't be made or read (docs/end_to_end.md, "Refusals").
 *
 * @module
 */

/** Every reason, and what it means to the person who reads. */
export const REFUSALS = {
  /** It is no envelope of version 1. */
  malformed: "This is no secret message",
  /** A program that knows more made it. */
  newer: "A newer program sealed this message",
  /** Nobody can tell by which key it was signed. */
  unknown_signer: "This message is signed with a key that is not the known one",
  /** It was changed on the way, or never was its author's. */
  forged: "The signature does not match: this message was changed or forged",
  /** Its author wrote it to somebody else, or somebody else wrote it. */
  other_conversation: "This message belongs to another conversation",
  /** It was sealed to a key that one does not have (any more). */
  other_key: "This message is sealed to another key than yours",
  /** Its author sealed it wrongly. */
  unreadable: "This message was sealed so that it can't be opened",
  /** A name that nobody can have. */
  bad_name: "This is no user name",
  /** A text that can't be sealed. */
  bad_text: "This text can't be sealed",
  /** A key that is none, or of a kind that is not taken. */
  bad_key: "This key can't be used",
} as const satisfies Record<string, string>;

/** The name of a reason. */
export type Refusal = keyof typeof REFUSALS;

/** A secret message, a text or a key is refused. Its message holds no secret. */
export class SecretError extends Error {
  override readonly name = "SecretError";
  /** Which row of {@link REFUSALS} this is. */
  readonly kind: Refusal;

  /** `detail`: what exactly was wrong, where there is more to say. */
  constructor(
    kind: Refusal,
    detail?: string,
    options?: { readonly cause?: unknown },
  ) {
    const title = REFUSALS[kind];
    super(detail === undefined ? title : `${title}: ${detail}`, options);
    this.kind = kind;
  }
}
