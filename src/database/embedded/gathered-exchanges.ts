import { endsExchange } from './whole-exchanges.js';

/** Version 3.0 of the protocol, as the start-up packet names it. Packets in front of it have no letter for their kind. */
const STARTUP = 196_608;
const STARTUP_HEAD = 8;
const HEAD = 5;

/**
 * Hands on what arrives on a connection in whole exchanges. The socket server would begin one with its first message and
 * have every other connection wait until the rest of it has come, and with each piece of it that comes it would copy all
 * that is there: a statement with a text of 7 MB would arrive in 100 pieces and hold everybody up for as long as that takes.
 */
export function gatherExchanges(deliver: (bytes: Buffer) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  /** Where the first message begins that is not whole, and where it ends once its head is there. */
  let begin = 0;
  let end: number | undefined;
  let kind = 0;
  let started = false;

  /** All that is held, as one piece from then on. */
  const joined = (): Buffer => {
    if (pieces.length > 1) pieces = [Buffer.concat(pieces, held)];
    return pieces[0]!;
  };
  const readHead = (): boolean => {
    if (held < begin + (started ? HEAD : STARTUP_HEAD)) return false;
    const head = joined().subarray(begin);
    kind = head[0]!;
    const length = started ? 1 + head.readInt32BE(1) : head.readInt32BE(0);
    if (!started) started = head.readInt32BE(4) === STARTUP;
    // Nothing that keeps to the protocol is shorter; whoever takes it will find that out.
    end = begin + Math.max(length, HEAD);
    return true;
  };

  return (piece) => {
    pieces.push(piece);
    held += piece.length;
    let whole = 0;
    while (end !== undefined || readHead()) {
      if (held < end!) break;
      begin = end!;
      end = undefined;
      if (endsExchange(kind)) whole = begin;
    }
    if (whole === 0) return;
    const bytes = joined();
    pieces = whole < held ? [bytes.subarray(whole)] : [];
    held -= whole;
    begin -= whole;
    if (end !== undefined) end -= whole;
    deliver(bytes.subarray(0, whole));
  };
}
