import type { BlockWantMessage } from '../../shared/protocol/block.ts'

/** The link to the console as a transfer needs it. */
export interface BlockWire {
  /** Sends a request; rejects if it could not be handed over. */
  want(message: BlockWantMessage): Promise<void>
  /** Subscribes to the shared blocks of an artifact; again after each reconnect. */
  subscribe(artifact: string): Promise<void>
  unsubscribe(artifact: string): Promise<void>
  /** Tells every block that arrives, for this device or for all. Returns the end of it. */
  onBlock(handler: (artifact: string, block: number, payload: Uint8Array) => void): () => void
  /** Tells each (re)connect. Returns the end of it. */
  onConnected(handler: () => void): () => void
  readonly connected: boolean
}
