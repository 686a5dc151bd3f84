import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { findConsole } from './connect.ts'
import { printLine } from './output.ts'
import { flagsOf, withConsole } from './program.ts'

/** The address of the page with its key: a fragment, which browsers send to nobody. */
export function pageAddress({ url, token }: { url: string; token: string }): string {
  return `${url}/#key=${token}`
}

/** `muster open` */
export function addOpenCommand(program: Command): void {
  program
    .command('open')
    .description(
      'Open the page of the running console in the browser. Without accounts its address carries the key of the interface: whoever has it may do everything.',
    )
    .option('--print', 'print the address and open nothing')
    .action((flags: { print?: boolean }, command: Command) => open(command, flags.print === true))
}

function open(command: Command, isPrint: boolean): Promise<void> {
  // Asked once, so that an address is given only of a console that answers.
  return withConsole(command, async ({ rpc }) => {
    const { isGuarded } = await rpc.call('access.show', {})
    const found = findConsole(flagsOf(command))
    // Once there are accounts people sign in there, and the key opens no page any more.
    const address = isGuarded ? `${found.url}/` : pageAddress(found)
    const opened = !isPrint && hasDisplay() && (await openBrowser(address))
    return {
      json: { address, opened },
      text() {
        printLine(address)
        if (opened) printLine('It was opened in the browser.')
        else if (!isPrint) printLine('Open it in a browser of this machine.')
      },
    }
  })
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true
  return [process.env['DISPLAY'], process.env['WAYLAND_DISPLAY']].some((display) => display !== undefined && display !== '')
}

const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  // `start` is a word of the shell, which would read the `&` of an address; this one is a program.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Hands the address to the system. @returns false where nothing takes it */
async function openBrowser(address: string): Promise<boolean> {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true })
  child.unref()
  try {
    await once(child, 'spawn')
    return true
  } catch {
    return false
  }
}
