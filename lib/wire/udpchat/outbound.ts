/**
 * What leaves for one address, and that it is not more than it may be
 * (docs/udpchat.md, "Forged addresses").
 *
 * A datagram may bear an address that did not send it. So before an address has
 * logged in, and has acknowledged something that only who is there can know of,
 * - an ACK MUST have at most three times the bytes of what it answers,
 * - nothing is pushed to it but one short thing to be acknowledged,
 * - all that it is sent, repeats too, MUST have at most three times the bytes of
 *   all that came from there. What is over that is as if it had been lost. Where
 *   a password was right, what is to be acknowledged may be said in bytes that
 *   are lent besides (`lend`): whoever lost it might never say more.
 *
 * @module
 */

/** How many times as much may be answered as was asked. */
export const AMPLIFICATION = 3;

/** ACKs that wait until the address is proven, and bytes of them. */
const MOST_WITHHELD = 32;
const MOST_WITHHELD_BYTES = 131_072;

const isAck = (datagram: Uint8Array) => datagram[4] !== 0;

/** The way out to one address. */
export class Outbound {
  #datagrams: Uint8Array[] = [];
  #withheld: Uint8Array[] = [];
  #withheldBytes = 0;
  #proven = false;
  /** Bytes that it may be sent as long as it is not proven. */
  #left = 0;
  /** Bytes for pushes besides. */
  #lent = 0;

  /** Whether the address is known to be its peer's own. */
  get proven(): boolean {
    return this.#proven;
  }

  /** It is: what was withheld goes out. */
  prove(): void {
    this.#proven = true;
    this.#lent = 0;
    this.#datagrams.push(...this.#withheld);
    this.#drop();
  }

  /** It has fallen silent, and is to be proven anew. */
  doubt(): void {
    this.#proven = false;
    this.#lent = 0;
  }

  /** Nobody is logged in there any more. */
  forget(): void {
    this.doubt();
    this.#drop();
  }

  /** So many bytes may be pushed to it besides, until it is proven or lost. */
  lend(bytes: number): void {
    this.#lent = bytes;
  }

  /** A datagram of so many bytes came from there. */
  hear(bytes: number): void {
    const before = this.#proven ? 0 : this.#left;
    this.#left = before + AMPLIFICATION * bytes;
  }

  #drop(): void {
    this.#withheld = [];
    this.#withheldBytes = 0;
  }

  /** Whether an ACK of so many bytes may answer a datagram of so many. */
  allows(bytes: number, asked: number): boolean {
    return this.#proven ||
      bytes <= Math.min(AMPLIFICATION * asked, this.#left);
  }

  /**
   * Takes what is to be sent. ACKs answer `asked` bytes, together; those that are
   * too long wait (`withhold`), or are not sent. A push that is too long is not.
   */
  add(
    datagrams: readonly Uint8Array[],
    asked: number,
    withhold: boolean,
  ): void {
    let left = AMPLIFICATION * asked;
    for (const datagram of datagrams) {
      const { length } = datagram;
      const most = isAck(datagram) ? Math.min(left, this.#left) : this.#left;
      if (this.#proven) this.#datagrams.push(datagram);
      else if (!isAck(datagram) && length <= this.#lent) {
        this.#lent -= length;
        this.#datagrams.push(datagram);
      } else if (length <= most) {
        if (isAck(datagram)) left -= length;
        this.#left -= length;
        this.#datagrams.push(datagram);
      } else if (isAck(datagram) && withhold) this.#withhold(datagram);
    }
  }

  #withhold(datagram: Uint8Array): void {
    const bytes = this.#withheldBytes + datagram.length;
    if (bytes > MOST_WITHHELD_BYTES) return;
    if (this.#withheld.length >= MOST_WITHHELD) return;
    this.#withheld.push(datagram);
    this.#withheldBytes = bytes;
  }

  /** Takes what is to be sent now. */
  take(): Uint8Array[] {
    const taken = this.#datagrams;
    this.#datagrams = [];
    return taken;
  }
}
