import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Clock } from '../../../shared/domain/clock.ts'
import { connectFrame, FrameScanner } from './frame-scanner.ts'

/** Bounds of one connection. */
export interface GuardLimits {
  /** Bytes that reach the broker before the connection is accepted; a CONNECT must fit into them. */
  connectBytes: number
  /** ms from the open socket to acceptance. */
  connectTimeoutMs: number
  /** Bytes that may wait for a peer that reads slowly; a burst beyond ends the connection. */
  outputBytes: number
  /** While more than so many bytes wait for the peer, nothing is read from it: it cannot make us answer without reading. */
  outputPauseBytes: number
  /** ms without any progress of waiting output after which the peer counts as frozen. */
  drainTimeoutMs: number
}

export const guardLimits: GuardLimits = {
  connectBytes: 4 * 1024,
  connectTimeoutMs: 5000,
  outputBytes: 16 * 1024 * 1024,
  outputPauseBytes: 1024 * 1024,
  drainTimeoutMs: 30_000,
}

/** Why a connection with a life of its own was ended at its end. */
export const TIME_IS_OVER = 'its time is over'

/** Progress of output is seen in steps of this size, so that a slow link is told from a frozen peer. */
const OUTPUT_STEP_BYTES = 64 * 1024
/** A chunk with more packets than this is handed on in slices of `SLICE_BYTES`. */
const SLICE_PACKETS = 256
const SLICE_BYTES = 256
/** Writes below this are gathered in pieces. */
const SMALL_BYTES = 1024
const SMALL_PIECE_BYTES = 4 * 1024

/**
 * The stream that the broker reads and writes in place of the socket.
 *
 * INVARIANTS
 * 1. Before `accept` the broker sees the CONNECT packet and nothing else; at most `connectBytes` and one chunk of the socket are held.
 * 2. After `accept` no packet above the accepted size reaches the broker, not even its first byte beyond the chunk that names the size.
 * 3. At most `outputBytes` wait for the peer when a new write arrives; a peer without progress is cut off by `checkDeadlines`.
 * 4. Nothing is pushed from within `_read`: aedes reads again while it parses, and would parse later bytes before earlier ones.
 * 5. Writes never block the broker: one frozen peer must not hold back what goes to the others.
 */
export class FrameGuard extends Duplex {
  readonly #socket: Socket
  readonly #limits: GuardLimits
  readonly #clock: Clock
  readonly #onConnect: (guard: FrameGuard) => void
  readonly #onRefused: (reason: string) => void
  readonly #scanner = new FrameScanner(0)
  #stage: 'opening' | 'held' | 'open' = 'opening'
  #held: Buffer[] = []
  /** Input that waits for the broker in small pieces. */
  #slices: Buffer[] = []
  #isSliceDue = false
  #deadline: number
  #wantsInput = true
  #output: Buffer[] = []
  #outputHead = 0
  /** The last piece of the queue while small writes may still be added to it. */
  #small: Buffer = Buffer.alloc(0)
  #smallUsed = 0
  #outputBytes = 0
  #isSending = false
  #progressAt = 0
  #onFlushed: (() => void) | null = null

  constructor(options: {
    socket: Socket
    limits: GuardLimits
    clock: Clock
    onConnect(guard: FrameGuard): void
    onRefused(reason: string): void
  }) {
    super({ allowHalfOpen: false, writableHighWaterMark: 2 ** 31, readableHighWaterMark: SLICE_BYTES })
    this.#socket = options.socket
    this.#limits = options.limits
    this.#clock = options.clock
    this.#onConnect = options.onConnect
    this.#onRefused = options.onRefused
    this.#deadline = options.clock.monotonic() + options.limits.connectTimeoutMs
    const { socket } = options
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.destroy())
  }

  /** Bytes that wait to be sent. */
  get backlogBytes(): number {
    return this.#outputBytes
  }

  /** True if the peer said that it ends the connection (DISCONNECT): its last will is void. */
  get saidGoodbye(): boolean {
    return this.#scanner.sawDisconnect
  }

  /**
   * Lets packets of up to `packetBytes` through from now on.
   * @param lifetimeMs how long the connection may last; `null`: no end
   */
  accept(packetBytes: number, lifetimeMs: number | null): void {
    if (this.#stage === 'open' || this.destroyed) return
    this.#stage = 'open'
    this.#deadline = lifetimeMs === null ? Number.POSITIVE_INFINITY : this.#clock.monotonic() + lifetimeMs
    this.#scanner.maxBytes = packetBytes
    const held = this.#held
    this.#held = []
    for (const chunk of held) this.#forward(chunk)
    this.#resumeInput()
  }

  /** Ends the connection if it was not accepted in time, outlived its time, or reads nothing; called every second or so. */
  checkDeadlines(): void {
    const now = this.#clock.monotonic()
    if (now > this.#deadline) this.#refuse(this.#stage === 'open' ? TIME_IS_OVER : 'no accepted CONNECT in time')
    else if (this.#outputBytes > 0 && now - this.#progressAt > this.#limits.drainTimeoutMs) {
      this.#refuse(`the peer reads nothing; ${this.#outputBytes} bytes wait`)
    }
  }

  #onData(chunk: Buffer): void {
    if (this.destroyed) return
    if (this.#stage === 'open') this.#forward(chunk)
    else if (this.#stage === 'held') this.#hold(chunk)
    else this.#collectConnect(chunk)
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk)
    this.#socket.pause()
  }

  /** The socket is paused while packets are held, and its end comes after its last data: an end while held means that nobody answers the CONNECT any more. */
  #onEnd(): void {
    if (this.#stage === 'opening') this.destroy()
    else this.push(null)
  }

  #collectConnect(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([...this.#held, chunk])
    const frame = connectFrame(bytes, this.#limits.connectBytes)
    if (frame === null) {
      this.#held = [bytes]
      return
    }
    if ('refused' in frame) {
      this.#refuse(frame.refused)
      return
    }
    this.#held = []
    this.#stage = 'held'
    this.push(bytes.subarray(0, frame.length))
    // What a client sends right behind its CONNECT waits for acceptance (3.1.1 §3.1.4 allows to send it early).
    if (bytes.length > frame.length) this.#hold(bytes.subarray(frame.length))
    this.#onConnect(this)
  }

  #forward(chunk: Buffer): void {
    const { packets } = this.#scanner
    const fault = this.#scanner.scan(chunk)
    if (fault !== null) {
      this.#refuse(fault)
      return
    }
    if (this.#scanner.packets - packets > SLICE_PACKETS || this.#slices.length > 0) this.#slice(chunk)
    else this.#pass(chunk)
    this.#pauseForOutput()
  }

  #pass(chunk: Buffer): void {
    if (this.push(chunk)) return
    this.#wantsInput = false
    this.#socket.pause()
  }

  /** A chunk of tiny packets goes on in slices, one whenever the broker has worked the last one off: each packet costs it about a kilobyte. */
  #slice(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) this.#slices.push(chunk.subarray(at, at + SLICE_BYTES))
    this.#socket.pause()
    if (!this.#isSliceDue) this.#pushSlice()
  }

  #pauseForOutput(): void {
    if (this.#outputBytes > this.#limits.outputPauseBytes) this.#socket.pause()
  }

  #resumeInput(): void {
    if (this.#stage === 'open' && this.#wantsInput && this.#slices.length === 0 && this.#outputBytes <= this.#limits.outputPauseBytes)
      this.#socket.resume()
  }

  override _read(): void {
    this.#wantsInput = true
    if (this.#slices.length === 0) this.#resumeInput()
    else if (!this.#isSliceDue) {
      this.#isSliceDue = true
      setImmediate(() => this.#pushSlice())
    }
  }

  #pushSlice(): void {
    this.#isSliceDue = false
    const slice = this.#slices.shift()
    if (slice !== undefined && !this.destroyed) this.push(slice)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#enqueue([chunk])
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#enqueue(chunks.map(({ chunk }) => chunk))
    done()
  }

  override _final(done: (error?: Error | null) => void): void {
    const end = (): void => void this.#socket.end(() => done())
    if (this.#outputBytes === 0) end()
    else this.#onFlushed = end
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#output = []
    this.#outputBytes = 0
    this.#held = []
    this.#slices = []
    this.#socket.destroy()
    done(error)
  }

  #enqueue(chunks: readonly Buffer[]): void {
    if (this.#outputBytes === 0) this.#progressAt = this.#clock.monotonic()
    for (const chunk of chunks) {
      this.#outputBytes += chunk.length
      if (chunk.length < SMALL_BYTES) this.#appendSmall(chunk)
      else for (let at = 0; at < chunk.length; at += OUTPUT_STEP_BYTES) this.#output.push(chunk.subarray(at, at + OUTPUT_STEP_BYTES))
    }
    if (this.#outputBytes > this.#limits.outputBytes) this.#refuse(`the peer reads too slowly; ${this.#outputBytes} bytes wait`)
    else if (!this.#isSending) this.#send()
  }

  /** Copies small writes into one piece: a queue of answers of two bytes would cost a hundred times the bytes that are counted. */
  #appendSmall(chunk: Buffer): void {
    const last = this.#output.at(-1)
    if (last === undefined || last !== this.#small || this.#smallUsed + chunk.length > SMALL_PIECE_BYTES) {
      this.#small = Buffer.allocUnsafeSlow(SMALL_PIECE_BYTES).subarray(0, 0)
      this.#smallUsed = 0
      this.#output.push(this.#small)
    }
    const whole = Buffer.from(this.#small.buffer, 0, this.#smallUsed + chunk.length)
    chunk.copy(whole, this.#smallUsed)
    this.#smallUsed = whole.length
    this.#small = whole
    this.#output[this.#output.length - 1] = whole
  }

  /** Hands one step to the socket; the next one follows when it is taken. */
  #send(): void {
    const step: Buffer[] = []
    let bytes = 0
    while (this.#outputHead < this.#output.length && bytes < OUTPUT_STEP_BYTES) {
      const piece = this.#output[this.#outputHead]!
      step.push(piece)
      bytes += piece.length
      this.#outputHead += 1
    }
    if (this.#outputHead === this.#output.length) {
      this.#output = []
      this.#outputHead = 0
    }
    this.#isSending = true
    this.#socket.cork()
    for (const piece of step.slice(0, -1)) this.#socket.write(piece)
    this.#socket.write(step.at(-1)!, () => this.#onSent(bytes))
    this.#socket.uncork()
  }

  #onSent(bytes: number): void {
    this.#isSending = false
    if (this.destroyed) return
    this.#outputBytes -= bytes
    this.#progressAt = this.#clock.monotonic()
    if (this.#output.length > 0) this.#send()
    else if (this.#onFlushed !== null) this.#onFlushed()
    this.#resumeInput()
  }

  #refuse(reason: string): void {
    if (this.destroyed) return
    this.#onRefused(reason)
    this.destroy()
  }
}
