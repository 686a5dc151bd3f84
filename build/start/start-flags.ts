/** Flags of `npm start`. */
export interface StartFlags {
  /** No window, even if there is Electron. */
  isBrowser: boolean
  /** The browser may be opened. */
  mayOpen: boolean
  /** What the console gets. */
  passed: string[]
  /** Which data directory, for a further command on the same console. */
  data: string[]
}

/** Takes its own two flags out of those of the console. */
export function readStartFlags(argv: readonly string[]): StartFlags {
  const passed = argv.filter((flag) => flag !== '--browser' && flag !== '--no-open')
  const at = passed.findIndex((flag) => flag === '--data' || flag.startsWith('--data='))
  return {
    isBrowser: argv.includes('--browser'),
    mayOpen: !argv.includes('--no-open'),
    passed,
    data: at < 0 ? [] : passed.slice(at, passed[at] === '--data' ? at + 2 : at + 1),
  }
}
