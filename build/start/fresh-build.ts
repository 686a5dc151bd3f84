import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A part of the build: the file that shows that it is there, what it is made from, and how. */
export interface BuildPart {
  name: string
  made: string
  sources: readonly string[]
  /** Script of node_modules/.bin or a file for Node, with its arguments. */
  command: readonly string[]
}

/** What the page carries as help, beside the guides and what lies in the folders that it is built from. */
const readMes = [
  'agent',
  ...['backup', 'forward', 'monitor/alerts', 'registry/bundle-archive', 'registry/sources', 'report', 'rollout'].map(
    (folder) => `electron/core/${folder}`,
  ),
  ...['docker', 'helm/muster', 'package'].map((folder) => `build/${folder}`),
].map((folder) => `${folder}/README.md`)

export const buildParts = {
  renderer: {
    name: 'interface',
    made: 'dist/renderer/index.html',
    // The guides and what they refer to are part of the page.
    sources: ['renderer', 'shared', 'build/vite.config.ts', 'build/guides', 'build/screenshots', 'SECURITY.md', ...readMes],
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', 'build/vite.config.ts', '--logLevel', 'warn'],
  },
  programs: {
    name: 'console and agent',
    made: 'dist/console/desktop-core.mjs',
    sources: ['electron/core', 'agent', 'shared', 'build/bundle.ts', 'build/bundle-program.ts', 'build/report-fonts.ts', 'build/samples'],
    command: ['build/bundle.ts'],
  },
  desktop: {
    name: 'desktop',
    made: 'dist/main/main.mjs',
    sources: ['electron/main', 'electron/preload', 'electron/core', 'shared', 'build/desktop'],
    command: ['build/desktop/bundle-desktop.ts'],
  },
} as const satisfies Record<string, BuildPart>

/** True if a part is missing or older than what it is made from. */
export function isStale({ made, sources }: BuildPart, root = '.'): boolean {
  const madeAt = statSync(join(root, made), { throwIfNoEntry: false })?.mtimeMs
  return madeAt === undefined || sources.some((source) => newest(join(root, source)) > madeAt)
}

/** When anything at or below a path was changed last, epoch ms; 0 where nothing is. */
function newest(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 0
  if (!found.isDirectory()) return found.mtimeMs
  // A file that was taken away changes the time of its folder.
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
