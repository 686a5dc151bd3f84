import { parentPort, workerData } from 'node:worker_threads'

// Starts a program that was written for a child process within a thread: its messages go through the port of the thread.
const port = parentPort!
Object.assign(process, { connected: true, send: (message: unknown) => port.postMessage(message) })
port.on('message', (message: NodeJS.Signals) => process.emit('message', message, undefined))
await import((workerData as { entry: string }).entry)
