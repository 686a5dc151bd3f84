import { createHash } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCodeOf, messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { firstIssue } from '../../shared/protocol/decode.ts'
import type { LocalAsk } from '../runtime/messages.ts'
import { localAsk } from '../supervise/parse-message.ts'
import { carryAsk, type CarryAsk } from '../usb/desk.ts'
import { agentStatus, type AgentStatus } from './status.ts'

/** Paths of Unix sockets hold about a hundred bytes, less on macOS. */
const MAX_SOCKET_PATH = 100
const MAX_STATUS_BYTES = 16 * 1024 * 1024
const ANSWER_MS = 5000
const MAX_ASK_CHARACTERS = 4096

/** Where an agent of a directory answers: a socket in it, elsewhere if the path is too long, a named pipe on Windows. */
export function socketPath(directory: string, platform: NodeJS.Platform = process.platform): string {
  const short = `muster-agent-${createHash('sha256').update(directory).digest('hex').slice(0, 24)}`
  if (platform === 'win32') return `\\\\.\\pipe\\${short}`
  const inside = join(directory, 'agent.sock')
  return Buffer.byteLength(inside) <= MAX_SOCKET_PATH ? inside : join(tmpdir(), `${short}.sock`)
}

/**
 * Answers each connection, which asks with one line of JSON: the status as one line, anything else as `{done}` or `{error}`.
 * Call it while the directory is held: a socket left behind is replaced.
 */
export async function startStatusSocket(
  directory: string,
  parts: { status(): AgentStatus; answer(ask: LocalAsk): object; carry(ask: CarryAsk): object },
): Promise<{ stop(): Promise<void> }> {
  const path = socketPath(directory)
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // Who hangs up early needs no answer.
    socket.on('error', () => socket.destroy())
    readLine(socket, (line) => {
      const ask = askOf(line)
      if (ask?.kind === 'status') return parts.status()
      try {
        if (ask === null) throw new Problem('message.malformed', 'The control socket does not know what was asked.')
        return { done: isCarry(ask) ? parts.carry(ask) : parts.answer(ask) }
      } catch (error) {
        return { error: reportOf(error) }
      }
    })
  })
  if (process.platform !== 'win32') rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Problem('internal', `The control socket cannot be opened: ${messageOf(error)}`, { cause: error })),
    )
    server.listen(path, resolve)
  })
  if (process.platform !== 'win32') chmodSync(path, 0o600)
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}

/** Reads one line, or what came before the other side ended, and answers it. */
function readLine(socket: Socket, answer: (line: string) => object): void {
  let text = ''
  let isAnswered = false
  const end = (): void => {
    if (isAnswered) return
    isAnswered = true
    socket.end(`${JSON.stringify(answer(text.split('\n')[0]!))}\n`)
  }
  socket.setEncoding('utf8').setTimeout(ANSWER_MS, () => socket.destroy())
  socket.on('data', (part: string) => {
    text += part
    if (text.includes('\n') || text.length > MAX_ASK_CHARACTERS) end()
  })
  socket.on('end', end)
}

function askOf(line: string): LocalAsk | CarryAsk | null {
  try {
    return socketAsk.parse(JSON.parse(line))
  } catch {
    return null
  }
}

const socketAsk = z.union([localAsk, carryAsk])

function isCarry(ask: LocalAsk | CarryAsk): ask is CarryAsk {
  return ask.kind === 'carry' || ask.kind === 'carry-state' || ask.kind === 'carry-cancel'
}

/** Asks the agent of a directory for its status; `null` if none runs. @throws Problem `agent.unreachable` if one is there and does not answer */
export function askStatus(directory: string): Promise<AgentStatus | null> {
  const path = socketPath(directory)
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const chunks: Buffer[] = []
    let size = 0
    const fail = (why: string): void => {
      socket.destroy()
      reject(new Problem('agent.unreachable', `The agent of ${directory} does not answer: ${why}.`))
    }
    socket.write('{"kind":"status"}\n')
    socket.setTimeout(ANSWER_MS, () => fail(`nothing came within ${ANSWER_MS / 1000} s`))
    socket.on('error', (error) => {
      const code = errorCodeOf(error)
      // No socket, or one that a killed agent left behind.
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(null)
      else fail(messageOf(error))
    })
    socket.on('data', (chunk) => {
      size += chunk.length
      if (size > MAX_STATUS_BYTES) fail('the answer is too long')
      chunks.push(chunk)
    })
    socket.on('end', () => {
      try {
        const parsed = agentStatus.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
        if (parsed.success) resolve(parsed.data)
        else fail(firstIssue(parsed.error))
      } catch (error) {
        fail(messageOf(error))
      }
    })
  })
}
