import { readFileSync } from 'node:fs'
import { InferenceSession } from 'onnxruntime-node'

// Run as a child process: loads each file named on the command line and prints one JSON line per file.
for (const path of process.argv.slice(2)) {
  try {
    const session = await InferenceSession.create(readFileSync(path), { logSeverityLevel: 4 })
    console.log(JSON.stringify({ inputs: session.inputNames, outputs: session.outputNames }))
    await session.release()
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
  }
}
