import { chmodSync, cpSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { build, type OutputOptions } from 'rolldown'

/** Packages with native files stay outside and are installed beside the bundle. */
const native = ['better-sqlite3', 'onnxruntime-node']

const isExternal = (id: string): boolean => isBuiltin(id) || native.some((name) => id === name || id.startsWith(`${name}/`))

const shared: OutputOptions = { format: 'esm', sourcemap: false, minify: true, chunkFileNames: 'chunk-[hash].mjs' }

/** Entry points by the file that they become. Processes that are forked keep the names that their starters look for. */
const programs = {
  agent: { 'muster-agent': 'agent/cli.ts', runtime: 'agent/runtime/main.ts' },
  console: {
    muster: 'electron/core/cli.ts',
    hub: 'electron/core/hub/main.ts',
    'ingest-writer': 'electron/core/ingest/writer-thread.ts',
    'evaluate-child': 'electron/core/registry/evaluate-child.ts',
    'desktop-core': 'electron/core/desktop/desktop-core.ts',
  },
} as const

for (const [name, input] of Object.entries(programs)) {
  const directory = `dist/${name}`
  rmSync(directory, { recursive: true, force: true })
  const { output } = await build({
    input,
    platform: 'node',
    external: isExternal,
    output: {
      ...shared,
      dir: directory,
      entryFileNames: '[name].mjs',
      banner: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  })
  for (const chunk of output) {
    const bytes = chunk.type === 'chunk' ? Buffer.byteLength(chunk.code) : Buffer.byteLength(chunk.source)
    process.stdout.write(`${directory}/${chunk.fileName}  ${(bytes / 1024).toFixed(0)} kB\n`)
  }
  // The sample fleet of the first run finds its models and rows beside the program.
  if (name === 'console') cpSync('build/samples', `${directory}/samples`, { recursive: true })
  chmodSync(`${directory}/${name === 'agent' ? 'muster-agent' : 'muster'}.mjs`, 0o755)
}
