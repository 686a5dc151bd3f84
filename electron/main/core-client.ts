import { createRpcClient, type RpcClient } from '../../shared/rpc/client.ts'
import type { DesktopPort } from './desktop-electron.ts'

/** RPC of the main process with the core, over a port. */
export function clientOverPort(port: DesktopPort, makeId: () => string): RpcClient & { onClose(handler: () => void): void } {
  const client = createRpcClient(
    {
      send: (frame) => port.postMessage(frame, []),
      onFrame(handler) {
        port.on('message', ({ data }) => handler(data))
      },
      onClose: (handler) => void port.on('close', () => handler('the core ended')),
      close: () => port.close(),
    },
    makeId,
  )
  port.start()
  return { ...client, onClose: (handler) => void port.on('close', handler) }
}
