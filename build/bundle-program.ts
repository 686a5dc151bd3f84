import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build, type OutputOptions } from 'rolldown'
import { LICENSES_FILE, licensesOf } from './licenses.ts'
import { STATISTICS_ENTRY, statisticsEntry } from './statistics-entry.ts'

/** Packages with native files stay outside and are installed beside the bundle. */
export const nativePackages = ['better-sqlite3', 'onnxruntime-node'] as const

const isExternal = (id: string): boolean => isBuiltin(id) || nativePackages.some((name) => id === name || id.startsWith(`${name}/`))

const shared: OutputOptions = { format: 'esm', sourcemap: false, minify: true, chunkFileNames: 'chunk-[hash].mjs' }

/** Entry points by the file that they become. Processes that are forked keep the names that their starters look for. */
export const programs = {
  agent: { 'muster-agent': 'agent/cli.ts', runtime: 'agent/runtime/main.ts', statistics: STATISTICS_ENTRY },
  console: {
    muster: 'electron/core/cli.ts',
    hub: 'electron/core/hub/main.ts',
    'ingest-writer': 'electron/core/ingest/writer-thread.ts',
    'evaluate-child': 'electron/core/registry/evaluate-child.ts',
    'backup-worker': 'electron/core/backup/backup-worker.ts',
    'report-writer': 'electron/core/report/report-writer.ts',
    'desktop-core': 'electron/core/desktop/desktop-core.ts',
    statistics: STATISTICS_ENTRY,
  },
} as const

/** Bundles one of the programs into a folder, which is made anew, with the licences of what went in. @returns bytes by file */
export async function bundleProgram(name: keyof typeof programs, directory: string): Promise<Map<string, number>> {
  rmSync(directory, { recursive: true, force: true })
  const { output } = await build({
    input: programs[name],
    platform: 'node',
    external: isExternal,
    plugins: [statisticsEntry()],
    output: {
      ...shared,
      dir: directory,
      entryFileNames: '[name].mjs',
      // Packages in CommonJS ask for built-in modules with `require`. It is no variable of the chunk: a package may declare one of that name.
      banner: "import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);",
    },
  })
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
  writeFileSync(join(directory, LICENSES_FILE), licensesOf(modules))
  chmodSync(join(directory, `${name === 'agent' ? 'muster-agent' : 'muster'}.mjs`), 0o755)
  return new Map(output.map((chunk) => [chunk.fileName, Buffer.byteLength(chunk.type === 'chunk' ? chunk.code : chunk.source)]))
}
