import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { digitsDeployment, INPUT } from './digits.ts'

// The least that a server in Node can do: read binary floats, run the model, write its outputs. No check, no id, no counting, no metadata.

const session = await InferenceSession.create(readFileSync(digitsDeployment('bare').modelPath), {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
})

async function outputsOf(body: Buffer, jsonBytes: number): Promise<Buffer> {
  const floats = new Float32Array((body.length - jsonBytes) / 4)
  new Uint8Array(floats.buffer).set(body.subarray(jsonBytes))
  const outputs = await session.run({ [INPUT]: new Tensor('float32', floats, [floats.length / 64, 64]) })
  return Buffer.concat(
    Object.values(outputs).map(({ data }) => {
      if (!ArrayBuffer.isView(data)) throw new Error('the model gave no numbers')
      return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    }),
  )
}

const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    const { user, system } = process.cpuUsage()
    return void response.end(`process_cpu_seconds_total ${(user + system) / 1e6}\n`)
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    void outputsOf(Buffer.concat(chunks), Number(request.headers['inference-header-content-length'])).then((body) => {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length })
      response.end(body)
    })
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.on('disconnect', () => process.exit(0))
