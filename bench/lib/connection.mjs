// One kept connection that posts JSON. Much less work for each request than node:http: a load generator beside the
// server takes its processors from it.
import { once } from 'node:events';
import net from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

export class Connection {
  #socket;
  #host;
  #received = [];
  #head;
  #waiting;
  #failure;

  /** @param base address of the server, without TLS */
  static async open(base) {
    const { hostname, port, host } = new URL(base);
    const connection = new Connection();
    connection.#host = host;
    connection.#socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    await once(connection.#socket, 'connect');
    connection.#socket.on('data', (part) => connection.#take(part));
    connection.#socket.on('error', (error) => connection.#fail(error));
    connection.#socket.on('close', () => connection.#fail(new Error('the server closed the connection')));
    return connection;
  }

  /** One at a time. @returns `{ status, body }`, the body as bytes */
  post(path, authorization, payload) {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting = { resolve, reject };
      this.#socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\nauthorization: ${authorization}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`,
      );
    });
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(part) {
    this.#received.push(part);
    if (this.#head === undefined) this.#readHead();
    if (this.#head === undefined) return;
    const length = this.#received.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { status, start, end } = this.#head;
    if (length < end) return;
    const body = Buffer.concat(this.#received).subarray(start);
    this.#received = [];
    this.#head = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status, body });
  }

  #readHead() {
    const all = Buffer.concat(this.#received);
    const end = all.indexOf(HEAD_END);
    if (end < 0) return;
    const text = all.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text);
    if (length === null) return this.#fail(new Error(`an answer without a length: ${text.slice(0, 200)}`));
    this.#received = [all];
    const start = end + HEAD_END.length;
    this.#head = { status: Number(text.slice(9, 12)), start, end: start + Number(length[1]) };
  }

  #fail(error) {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
    this.#socket.destroy();
  }
}
