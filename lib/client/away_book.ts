/**
 * Who is away, as far as one was told. Pure.
 *
 * @module
 */

import {
  type AwayChanged,
  foldName,
  type MemberState,
  type ServerEvent,
} from "../wire/mod.ts";

interface Row {
  readonly event: AwayChanged;
  /** Whether somebody who wrote to them was told. */
  reminded: boolean;
}

/** Everybody who said that they don't look. */
export class AwayBook {
  readonly #rows = new Map<string, Row>();

  /** A new connection is made: who is away may be back by then. */
  connected(): void {
    this.#rows.clear();
  }

  /** Takes what the server says of people. */
  take(event: ServerEvent): void {
    switch (event.type) {
      case "away":
        return this.#put(event.user, event.text);
      case "presence":
        // Who has left is not away any more; one of their rooms is guess enough.
        if (!event.here) this.#put(event.user, undefined);
        return;
      case "list_members":
        return event.members.forEach((member) => this.#note(member));
    }
  }

  #put(user: string, text: string | undefined): void {
    const key = foldName(user);
    if (text === undefined) return void this.#rows.delete(key);
    const event = { type: "away", user, text } as const;
    this.#rows.set(key, { event, reminded: false });
  }

  #note({ name, away }: MemberState): void {
    const known = this.#rows.get(foldName(name))?.event.text;
    if (known !== away) this.#put(name, away);
  }

  /** One has written to somebody: gives what to know of it, once. */
  remind(user: string): AwayChanged | undefined {
    const row = this.#rows.get(foldName(user));
    if (row === undefined || row.reminded) return undefined;
    row.reminded = true;
    return row.event;
  }
}
