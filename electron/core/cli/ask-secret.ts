import { Problem } from '../../../shared/domain/problem.ts'

const MOST_BYTES = 4096
const keys = { interrupt: '\u0003', end: '\u0004', erase: ['\u007f', '\b'] } as const

/** Flags of commands that need a password. */
export interface SecretFlags {
  passwordStdin?: boolean
}

/** Asks a person for passwords, or reads them from standard input: never from an argument, which others on the machine can read. */
export interface Secrets {
  /** @throws Problem `usage` where nobody can be asked, `cancelled` */
  ask(question: string): Promise<string>
  /** Asks twice: a new password that was mistyped would shut its owner out. @throws Problem `usage` */
  askNew(question: string): Promise<string>
}

export function secretsFrom({ passwordStdin = false }: SecretFlags): Secrets {
  if (passwordStdin) {
    const lines = linesOfInput()
    return { ask: () => nextLine(lines), askNew: () => nextLine(lines) }
  }
  return {
    ask: asked,
    async askNew(question) {
      const secret = await asked(question)
      if ((await typed('Once more')) === secret) return secret
      throw new Problem('usage', 'The two passwords differ; nothing was changed.', { hint: 'Try again.' })
    },
  }
}

async function asked(question: string): Promise<string> {
  if (process.stdin.isTTY) return typed(question)
  throw new Problem('usage', 'There is no terminal to ask for the password.', { hint: 'Hand it in at standard input: --password-stdin' })
}

async function* linesOfInput(): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines) yield line.replace(/\r$/, '')
    if (text.length > MOST_BYTES) break
  }
  yield text
}

async function nextLine(lines: AsyncGenerator<string>): Promise<string> {
  const { value } = (await lines.next()) as { value: string | undefined }
  if (value === undefined || value === '')
    throw new Problem('usage', 'Standard input has no password.', { hint: 'Write it on a line of its own.' })
  return value
}

function typed(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(`${question}: `)
  stdin.setRawMode(true)
  stdin.resume()
  return new Promise((resolve, reject) => {
    let secret = ''
    const end = (settle: () => void): void => {
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      settle()
    }
    const take = (chunk: Buffer): void => {
      for (const key of chunk.toString('utf8')) {
        if (key === keys.interrupt || key === keys.end) return end(() => reject(new Problem('cancelled', 'No password was given.')))
        if (key === '\r' || key === '\n') return end(() => resolve(secret))
        secret = keys.erase.some((one) => one === key) ? Array.from(secret).slice(0, -1).join('') : secret + key
      }
    }
    stdin.on('data', take)
  })
}
