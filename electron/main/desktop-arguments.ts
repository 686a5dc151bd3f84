import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Flags of `muster console` that the desktop passes on; everything else on its command line is Chromium's or nobody's. */
const valueFlags = ['data', 'host', 'port', 'mqtt-host', 'mqtt-port', 'mqtt-local-port', 'broker', 'fleet', 'bandwidth', 'log-level']
const switches = ['broker-tls']

export interface DesktopArguments {
  /** For the core, as `muster console` takes them. */
  core: string[]
  dataDirectory: string
  logLevel: string
  /** A folder that was named: window state and lock then belong to it, so consoles of two folders run side by side. */
  isOwnDirectory: boolean
}

/** Reads the command line of the desktop. @param argv without the program and, in development, the folder of the application */
export function desktopArguments(argv: readonly string[], env: NodeJS.ProcessEnv): DesktopArguments {
  const flags = new Map<string, string>()
  const given = new Set<string>()
  for (const [i, argument] of argv.entries()) {
    const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument) ?? []
    if (name === undefined) continue
    if (switches.includes(name)) given.add(name)
    const value = inline ?? argv[i + 1]
    if (valueFlags.includes(name) && value !== undefined) flags.set(name, value)
  }
  const named = flags.get('data') ?? env['MUSTER_DATA']
  const dataDirectory = resolve(named ?? join(homedir(), '.muster'))
  flags.delete('data')
  // The page reaches the core over a port; a fixed address would only collide with a console that runs without a window.
  if (!flags.has('port')) flags.set('port', '0')
  return {
    core: [
      '--data',
      dataDirectory,
      ...[...flags].flatMap(([name, value]) => [`--${name}`, value]),
      ...[...given].map((name) => `--${name}`),
    ],
    dataDirectory,
    logLevel: flags.get('log-level') ?? 'info',
    isOwnDirectory: named !== undefined,
  }
}
