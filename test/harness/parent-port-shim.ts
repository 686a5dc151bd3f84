import { EventEmitter } from 'node:events'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { DesktopPort } from '../../electron/core/desktop/serve-desktop.ts'

// Runs the entry of the core in a worker as Electron runs it in a utility process: `process.parentPort`, whose messages wait until somebody
// listens and carry ports, and `process.exit` that ends the process.
const port = parentPort!
const inner = Object.assign(new EventEmitter(), { postMessage: (message: unknown) => port.postMessage(message) })
Object.assign(process, { parentPort: inner, umask: () => 0 })
await import((workerData as { entry: string }).entry)
port.on('message', ({ message, ports }: { message: unknown; ports: MessagePort[] }) => {
  inner.emit('message', { data: message, ports: ports.map(asElectron) })
})

function asElectron(port: MessagePort): DesktopPort {
  const events = new EventEmitter()
  port.on('close', () => events.emit('close'))
  return {
    on: (event: string, listener: (value: { data: unknown }) => void) => events.on(event, listener),
    start: () => void port.on('message', (data: unknown) => events.emit('message', { data })),
    postMessage: (message) => port.postMessage(message),
    close: () => port.close(),
  }
}
