/**
 * CP, the text protocol with reply codes (docs/cp.md).
 *
 * @module
 */

export { CpClientCodec } from "./client_codec.ts";
export { CpClient, type CpClientAction } from "./client_machine.ts";
export {
  CP_CODES,
  CP_COMMANDS,
  CP_LIMITS,
  type CpCode,
  type CpCommand,
  parsePdu,
  type Pdu,
  type PduFault,
} from "./pdu.ts";
export { type CpFraming, trimPdu } from "./pdu_reader.ts";
export type { CpOutcome, CpServerAction } from "./server_actions.ts";
export { cpLastWords, CpServerCodec } from "./server_codec.ts";
export { CpServer } from "./server_machine.ts";
export type { CpState } from "./state_table.ts";
