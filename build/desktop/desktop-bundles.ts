import { isBuiltin } from 'node:module'
import type { BuildOptions, OutputOptions } from 'rolldown'

const common = { external: (id: string) => id === 'electron' || isBuiltin(id) }
const output: OutputOptions = { sourcemap: false, minify: true }

/** The main process: one file; packages in CommonJS ask for built-in modules with `require`. */
export const mainBundle: BuildOptions = {
  ...common,
  input: 'electron/main/main.ts',
  platform: 'node',
  output: {
    ...output,
    file: 'dist/main/main.mjs',
    format: 'esm',
    banner: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
}

/** The preload: in the sandbox it is one CommonJS file without Node. */
export const preloadBundle: BuildOptions = {
  ...common,
  input: 'electron/preload/preload.ts',
  platform: 'browser',
  output: { ...output, file: 'dist/main/preload.cjs', format: 'cjs' },
}
