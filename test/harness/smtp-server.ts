import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A mail as it came. */
export interface ReceivedMail {
  from: string
  to: string[]
  headers: Record<string, string>
  text: string
}

/** A mail server without encryption that a test can make fail: `refuse` says that it is busy (421), `hang` takes the mail and never says so. */
export interface SmtpServer {
  port: number
  mails: ReceivedMail[]
  refused: number
  mode: 'take' | 'refuse' | 'hang'
}

/** Speaks as much of RFC 5321 as a client needs to hand over a mail. @param options.account who may (AUTH PLAIN, RFC 4954); left out: everybody */
export async function startSmtpServer(options: { account?: { user: string; password: string } } = {}): Promise<SmtpServer> {
  const state: SmtpServer = { port: 0, mails: [], refused: 0, mode: 'take' }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A client that was killed resets its connection.
    socket.on('error', () => socket.destroy())
    if (state.mode === 'refuse') {
      state.refused += 1
      socket.end('421 4.3.2 busy\r\n')
      return
    }
    socket.write('220 127.0.0.1 ESMTP\r\n')
    converse(socket, state, options.account)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  state.port = (server.address() as AddressInfo).port
  return state
}

function converse(socket: Socket, state: SmtpServer, account: { user: string; password: string } | undefined): void {
  let buffered = ''
  let from = ''
  let to: string[] = []
  let isData = false
  let isKnown = account === undefined
  const wanted = account === undefined ? '' : Buffer.from(`\0${account.user}\0${account.password}`).toString('base64')
  const say = (line: string): void => void socket.write(`${line}\r\n`)
  const command = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO' || verb === 'HELO') say(account === undefined ? '250 127.0.0.1' : '250-127.0.0.1\r\n250 AUTH PLAIN')
    else if (verb === 'AUTH') {
      isKnown = line === `AUTH PLAIN ${wanted}`
      say(isKnown ? '235 welcome' : '535 5.7.8 not known')
    } else if (!isKnown) say('530 5.7.0 who are you')
    else if (verb === 'MAIL') {
      from = addressIn(line)
      to = []
      say('250 ok')
    } else if (verb === 'RCPT') {
      to.push(addressIn(line))
      say('250 ok')
    } else if (verb === 'DATA') {
      isData = true
      say('354 go on')
    } else if (verb === 'QUIT') socket.end('221 bye\r\n')
    else say('502 not known')
  }
  socket.on('data', (bytes: Buffer) => {
    buffered += bytes.toString('utf8')
    for (;;) {
      const end = buffered.indexOf(isData ? '\r\n.\r\n' : '\r\n')
      if (end < 0) return
      const part = buffered.slice(0, end)
      buffered = buffered.slice(end + (isData ? 5 : 2))
      if (!isData) command(part)
      else {
        isData = false
        state.mails.push({ from, to, ...partsOf(part) })
        if (state.mode === 'take') say('250 taken')
      }
    }
  })
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? ''
}

function partsOf(mail: string): Pick<ReceivedMail, 'headers' | 'text'> {
  const at = mail.indexOf('\r\n\r\n')
  // A folded header goes on in the next line.
  const lines = mail
    .slice(0, at)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { headers, text: mail.slice(at + 4) }
}
