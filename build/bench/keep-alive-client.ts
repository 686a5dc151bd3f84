import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')

/** One keep-alive connection that sends the same bytes again and again: as little as a client can cost. */
export class KeepAliveClient {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  #bytes = 0
  #needed = -1
  #resolve: (answer: Buffer) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#reject(error))
    socket.on('close', () => this.#reject(new Error('the server closed the connection')))
  }

  static async open(port: number): Promise<KeepAliveClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new KeepAliveClient(socket)
  }

  /** Sends one request. @returns its whole answer, head and body */
  send(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#needed === -1) this.#readHead()
    if (this.#needed === -1 || this.#bytes < this.#needed) return
    const answer = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#bytes = 0
    this.#needed = -1
    this.#resolve(answer)
  }

  #readHead(): void {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    const end = all.indexOf(HEAD_END)
    if (end === -1) return
    const length = /content-length: (\d+)/i.exec(all.toString('latin1', 0, end))
    this.#needed = end + HEAD_END.length + Number(length?.[1] ?? 0)
  }
}
