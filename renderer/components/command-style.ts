import { typedCommand } from '../../shared/host/page-html.ts'

/** A command as it is typed where the console runs. Who serves the page says so in it; a development server does not, and is a checkout. */
export function asTyped(command: string): string {
  const said = document.querySelector('meta[name="muster-commands"]')?.getAttribute('content')
  return typedCommand(command, said === 'path' ? 'path' : 'npm')
}
