/**
 * Bytes and numbers that another implementation of docs/end_to_end.md made
 * (Python, with the package cryptography), from the keys in keys/.
 */

/** SHA-256 of the public keys. */
export const FINGERPRINTS = {
  alice:
    "78:F7:57:78:90:AA:5A:7F:E1:2D:84:37:6A:B3:63:82:EB:3B:EB:CE:B2:86:C3:52:1F:00:C7:0E:79:34:B8:3C",
  bob:
    "4B:7A:5F:0F:3C:DA:C6:41:87:CF:4E:34:A3:F5:E7:B8:FA:A6:9F:F0:AC:29:C3:E8:CF:3F:7C:B3:C2:DD:4F:08",
} as const;

/** What was sealed. */
export const GOLDEN_TEXT = "Grüße, Bob! 🔑";

/** Its id, hex. */
export const GOLDEN_ID = "000102030405060708090a0b0c0d0e0f";

/** From Alice to Bob, base64. */
export const GOLDEN_ENVELOPE =
  "AQABAgMEBQYHCAkKCwwNDg8FYWxpY2UDYm9iS3pfDzzaxkGHz040o/XnuPqmn/CsKcPozz98" +
  "s8LdTwgBADf7G4MgZlmi67DZYC38kd/s/NyiDGas0jEoxyu2REkw+He/+a75QjnxG5YHolQh" +
  "KzPIs0CHmlMeN2STWLH6jXHIxBxWL4RK39DHSrbCOpadyswlGtodJ5tQVru9VfXmx1BYhpzG" +
  "P6xWSShVhoTn3vApCryLG/SfxtDfAwNS4pF4wTfH0xvcR8crzCT5DgJ1nCrfFdmNxmAkJInY" +
  "cTrCAkuzKWenIviZ5/2uylOiZbRdVzv6ul2P4vsm0/hTBXr+wmLszcabsRr48CgINMExa6Ou" +
  "JH/o0wqFErWwGSV08dHfYQYK0SjfUcxy1oZqFhgDTA1MKsNzDNwn/dO1s6X9S6h491d4kKpa" +
  "f+EthDdqs2OC6zvrzrKGw1IfAMcOeTS4PAEAD9Gp1dXARTovz8IwyMWpMMYwDvqkTnaKDiOE" +
  "p4bYSiybjKwqoQaZpqF1VdJTC6UBUMLMimV5y8U3eC2WJtOJ45QDz9Wz6qHgK1drtXoVF72X" +
  "tOYkbj/XPCr0ZBN7ZgnnRoCKGl6uYZYZX2fEe3WfehWZyt9UVzT2OWVAhS2MnzWN/0Re8ETO" +
  "0vaW1eOTTj+UfBkdtzRQQ2/XpdWKWAZ5WyWZfcxjMd6uEB0QNxhSYhNDYkbAyq7wXpHQ9s2q" +
  "dchMFETH5fq+1bWPF/1X6Pyt1vVMAbZ3LUuE/G9vNjavcMXltk7/N2VJRhT11HsopScDxEPX" +
  "qRZ9XQJeqNnxdrHOGAAuoKGio6SlpqeoqaqroWq/kYZUZ5NCJ+ixJlowQeQ9fIkogBoH67nD" +
  "AffhhcRCfAEAATwDeZKOzhy/5wAhHPb4opVGSifEe0nwdKDqQifSvOvCaed6ELpQwJJigLzd" +
  "sQPXRH9RMwGQ0bKZc3OxqxjD+wcvbZKbatPXf9IP1WgnRvl47RvusIAJO8breX4JDBsZQBda" +
  "2xmUnIy1u+LtBVJwe+slHwzg6Ab2WjnQHj1cQBLGoY8CE1hSNXY2w868QniMHYjegMb6k/1/" +
  "AuBUV3np24SvLBVNjqnMBTGlJAd5qF+gPrZuRvaLqtCf/hx+rYA2h5dUrVRzsfvN0DXpChvE" +
  "qNSORqOEV8m6wggA6qkcVpdemVIEfGvEs5jZ3pY9VP1LoC9JdL9aVQFks4figfMmYA==";

/** Of Alice and Bob, whoever asks. */
export const GOLDEN_NUMBER = "79273 53593 03073 29223 51343 53325 82366 43265";
