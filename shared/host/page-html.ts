import { withNonce } from './content-security.ts'

/** Stands in the built index.html where the page is told how a person calls Muster: `<meta name="muster-commands" content="__MUSTER_COMMANDS__">`. */
const commandsPlaceholder = '__MUSTER_COMMANDS__'

/** How a person calls Muster on this machine: by the scripts of a checkout, or as a command in the path, as every installation has it. */
export type CommandStyle = 'npm' | 'path'

/** The page as it is answered. @throws Error if the nonce is none */
export function pageHtml(html: string, { nonce, commands }: { nonce: string; commands: CommandStyle }): string {
  return withNonce(html, nonce).replaceAll(commandsPlaceholder, commands)
}

/** A command that the page shows, as it is typed where this console runs. */
export function typedCommand(command: string, style: CommandStyle): string {
  return style === 'npm'
    ? command
    : command.replaceAll('npm run -s muster-agent -- ', 'muster-agent ').replaceAll('npm run -s muster -- ', 'muster ')
}
