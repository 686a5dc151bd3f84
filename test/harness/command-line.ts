import type { Command } from 'commander'
import { vi } from 'vitest'
import { printProblem } from '../../electron/core/cli/output.ts'
import { createProgram } from '../../electron/core/cli/program.ts'

/** What a command came to. */
export interface Ran {
  exit: number
  out: string
  err: string
  /** The output as one JSON document. */
  json(): unknown
  /** The output as one JSON document a line. */
  lines(): Record<string, unknown>[]
}

/**
 * Runs `muster` within this process, against a console of the test: as quick as a call, and with the exit code of the real program.
 * @param add adds the commands
 */
export async function runCommand(add: (program: Command) => void, args: readonly string[]): Promise<Ran> {
  const printed = { out: '', err: '' }
  const keep = (name: keyof typeof printed) => (chunk: string | Uint8Array) => {
    printed[name] += chunk.toString()
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('err')),
  ]
  const before = process.exitCode
  let exit = 0
  try {
    process.exitCode = undefined
    const program = createProgram().exitOverride()
    add(program)
    await program.parseAsync(args, { from: 'user' })
    exit = exitCodeNow()
  } catch (error) {
    exit = printProblem('muster', error, args.includes('--json'))
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
  }
  return {
    ...{ exit, ...printed },
    json: () => JSON.parse(printed.out) as unknown,
    lines: () =>
      printed.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

function exitCodeNow(): number {
  return Number(process.exitCode ?? 0)
}
