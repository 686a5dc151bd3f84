// Says by its exit code whether a service of this container answers: node healthy.ts http://127.0.0.1:8320/about
const PATIENCE_MS = 5000

const [url] = process.argv.slice(2)
if (url === undefined || !URL.canParse(url)) {
  process.stderr.write('healthy: give the address that must answer\n')
  process.exit(2)
}
try {
  const { status } = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) })
  if (status !== 200) throw new Error(`it answers with ${status}`)
} catch (error) {
  process.stderr.write(`healthy: ${url}: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
