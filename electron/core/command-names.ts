import { existsSync } from 'node:fs'
import type { CommandStyle } from '../../shared/host/page-html.ts'

// A checkout, built or not, has no `muster` in the path; an installed console and a container have no npm.
const isCheckout = import.meta.filename.endsWith('.ts') || existsSync(new URL('../../package.json', import.meta.url))

/** How a person calls this program where it runs: what stands before the words of every command that is printed for copying. */
export const muster = isCheckout ? 'npm run -s muster --' : 'muster'
/** The same for the agent. */
export const musterAgent = isCheckout ? 'npm run -s muster-agent --' : 'muster-agent'
/** The same for the page, which writes its commands as a checkout has them. */
export const commandStyle: CommandStyle = isCheckout ? 'npm' : 'path'
