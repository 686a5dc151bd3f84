import { readFileSync, writeFileSync } from 'node:fs'
import { dashboardDocument } from '../grafana/dashboard.ts'
import { rulesDocument } from '../prometheus/rules-document.ts'
import { asyncApiDocument } from './asyncapi.ts'
import { runbookGuide } from './runbooks.ts'
import { withGenerated } from './tables.ts'

// Writes the generated documents; with --check it only says which are stale, and exits 1.
const documents: Record<string, () => string> = {
  'build/guides/runbooks.md': runbookGuide,
  'shared/protocol/asyncapi.json': () => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  'build/grafana/muster-dashboard.json': dashboardDocument,
  'build/prometheus/muster-rules.yaml': rulesDocument,
  ...Object.fromEntries(
    ['README.md', 'shared/protocol/README.md', 'shared/rpc/README.md', 'shared/domain/README.md', 'shared/metrics/README.md'].map(
      (path) => [path, () => withGenerated(read(path))],
    ),
  ),
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const isCheck = process.argv.includes('--check')
const stale = Object.entries(documents).filter(([path, make]) => read(path) !== make())
for (const [path, make] of stale) {
  if (isCheck) process.stderr.write(`${path} is stale: run npm run generate\n`)
  else {
    writeFileSync(path, make())
    process.stdout.write(`wrote ${path}\n`)
  }
}
process.exitCode = isCheck && stale.length > 0 ? 1 : 0
