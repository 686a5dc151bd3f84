import { connect, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { parseArgs } from 'node:util'

// The console serves its page on loopback only. This hands connections that come to the address of a container on to it, so that a port of the
// container can be published on loopback of the machine around it. Host and Origin are still the console's to check, and its key or a
// sign-in is still asked for.
const { values } = parseArgs({
  options: {
    /** Left out: the container's own address. */
    listen: { type: 'string' },
    port: { type: 'string', default: '8320' },
    'to-port': { type: 'string', default: '8320' },
  },
})
const MOST_CONNECTIONS = 256

const host = values.listen ?? ownAddress()
const open = new Set<Socket>()
const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ host: '127.0.0.1', port: Number(values['to-port']), allowHalfOpen: true })
  for (const [from, to] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    open.add(from)
    from.on('error', () => to.destroy()).on('close', () => open.delete(from))
    from.pipe(to)
  }
})
server.maxConnections = MOST_CONNECTIONS
server.on('error', (error) => {
  process.stderr.write(`forward-page: ${error.message}\n`)
  process.exit(1)
})
server.listen(Number(values.port), host, () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`forward-page: ${address.address}:${address.port}\n`)
})
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    server.close()
    for (const socket of open) socket.destroy()
  })

function ownAddress(): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')
  if (found === undefined) {
    process.stderr.write('forward-page: this container has no address of its own; give --listen ADDRESS\n')
    process.exit(2)
  }
  return found.address
}
