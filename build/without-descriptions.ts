import type { Plugin } from 'vite'

// What a field means is for the generated documents; a page loads a tenth less without it. A text with a `${…}` in it is left as it is.
const described = /\.describe\(\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\$]|\\.)*`)\s*,?\s*\)/g

/** Source without the descriptions of its schemas. */
export function withoutDescriptions(source: string): string {
  return source.replace(described, '')
}

/** Leaves the descriptions of schemas out of the page. */
export function leaveOutDescriptions(): Plugin {
  return {
    name: 'without-descriptions',
    enforce: 'pre',
    apply: 'build',
    transform: (code, id) =>
      /\/shared\/.*\.ts$/.test(id) && code.includes('.describe(') ? { code: withoutDescriptions(code), map: null } : null,
  }
}
