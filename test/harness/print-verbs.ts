import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'

/** A command of a program as data: its verbs and its flags. */
export interface Verb {
  name: string
  flags: string[]
  hasArguments: boolean
  verbs: Verb[]
  /** The verb that counts where none is named. */
  usual: string | null
}

// A script: prints every command that an entry such as electron/core/cli.ts adds. Importing the entry itself would run it.
const entry = process.argv[2]!
const source = readFileSync(entry, 'utf8')
const load = async (file: string): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(resolve(entry, '..', file)).href)) as Record<string, unknown>
const program = ((await load('cli/program.ts'))['createProgram'] as () => Command)()
for (const [, name, file] of source.matchAll(/^import \{ (add\w+) \} from '\.\/([\w/-]+\.ts)'/gm)) {
  const add = (await load(file!))[name!] as (program: Command) => void
  add(program)
}
process.stdout.write(JSON.stringify(verbOf(program)))

function verbOf(command: Command): Verb {
  const usual: unknown = Reflect.get(command, '_defaultCommandName')
  return {
    name: command.name(),
    flags: command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
    hasArguments: command.registeredArguments.length > 0,
    verbs: command.commands.map(verbOf),
    usual: typeof usual === 'string' ? usual : null,
  }
}
