import { helpPages } from './help-pages.ts'

/** A path as the repository has it; the bundler names files from the root of the page or from here. */
function repositoryPath(path: string): string {
  return path.replace(/^(?:\.\.\/)+/, '')
}

// The documents are data that the bundler takes into the file of this page, so that help needs neither the network nor the console.
const texts: Record<string, string> = import.meta.glob(
  [
    '../../../build/guides/*.md',
    '../../../SECURITY.md',
    '../../../agent/README.md',
    '../../../shared/{domain,inference,metrics,protocol,rpc}/README.md',
    '../../../electron/core/{backup,forward,monitor/alerts,registry/bundle-archive,registry/sources,report,rollout}/README.md',
    '../../../build/{docker,helm/muster,package}/README.md',
  ],
  { query: '?raw', import: 'default', eager: true },
)
const pictures: Record<string, string> = import.meta.glob('../../../build/screenshots/*.png', {
  query: '?url',
  import: 'default',
  eager: true,
})

const byPath = (found: Record<string, string>): Map<string, string> =>
  new Map(Object.entries(found).map(([path, value]) => [repositoryPath(path), value]))

/** Every page of help. */
export const pagesOfHelp = helpPages(byPath(texts), byPath(pictures))
