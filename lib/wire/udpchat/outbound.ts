/**
 * What leaves for one address, and that it is not more than it may be
 * (docs/udpchat.md, "Forged addresses").
 *
 * A datagram may bear an address that did not send it. So before an address has
 * logged in, and has acknowledged something that only who is there can know of,
 * - an ACK MUST have at most three times the bytes of what it answers,
 * - nothing is pushed to it but one short thing to be acknowledged.
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

  /** Whether the address is known to be its peer's own. */
  get proven(): boolean {
    return this.#proven;
  }

  /** It is: what was withheld goes out. */
  prove(): void {
    this.#proven = true;
    this.#datagrams.push(...this.#withheld);
    this.#drop();
  }

  /** Nobody is logged in there any more. */
  forget(): void {
    this.#proven = false;
    this.#drop();
  }

  #drop(): void {
    this.#withheld = [];
    this.#withheldBytes = 0;
  }

  /** Whether an ACK of so many bytes may answer a datagram of so many. */
  allows(bytes: number, asked: number): boolean {
    return this.#proven || bytes <= AMPLIFICATION * asked;
  }

  /**
   * Takes what is to be sent. ACKs answer `asked` bytes, together; those that are
   * too long wait (`withhold`), or are not sent.
   */
  add(
    datagrams: readonly Uint8Array[],
    asked: number,
    withhold: boolean,
  ): void {
    let left = AMPLIFICATION * asked;
    for (const datagram of datagrams) {
      const { length } = datagram;
      if (this.#proven || !isAck(datagram)) this.#datagrams.push(datagram);
      else if (length <= left) {
        left -= length;
        this.#datagrams.push(datagram);
      } else if (withhold) this.#withhold(datagram);
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
