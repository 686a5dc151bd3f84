import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A version as the played tracking server has it. */
export interface PlayedVersion {
  status?: string
  /** When it was registered. */
  createdAt?: number
  run?: string | null
  tags?: Record<string, string>
  /** Artifacts by path. */
  files: Record<string, Uint8Array | string>
  /** Address of the artifacts; left out: handed out by the server. */
  uri?: string
}

/** A tracking server that answers as MLflow 3 does, as far as the console asks; a test changes what it has and how it behaves. */
export interface PlayedMlflow {
  url: string
  models: Record<string, { versions: Record<string, PlayedVersion>; aliases: Record<string, string> }>
  runs: Record<string, object>
  /** `hide`: 503 to everything; `shut`: 401; `redirect`: to another address; `cut`: artifacts break off in the middle; `drip`: a byte now and then; `lost`: the page of a proxy, 404. */
  mode: 'answer' | 'hide' | 'shut' | 'redirect' | 'cut' | 'drip' | 'lost'
  /** What must come as `authorization`; null: anybody may come in. */
  authorization: string | null
  /** Method and path of every request. */
  asked: string[]
  /** Breaks every connection off. */
  stop(): void
}

/** Starts it on a free port of loopback. */
export async function startPlayedMlflow(): Promise<PlayedMlflow> {
  const played: PlayedMlflow = {
    url: '',
    models: {},
    runs: {},
    mode: 'answer',
    authorization: null,
    asked: [],
    stop: () => server.closeAllConnections(),
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => answer(played, { request, response, body: Buffer.concat(parts).toString('utf8') }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  played.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return played
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  body: string
}

function answer(played: PlayedMlflow, exchange: Exchange): void {
  const { request, response } = exchange
  const url = new URL(request.url ?? '/', played.url)
  played.asked.push(`${request.method} ${url.pathname}`)
  if (played.mode === 'hide') return sendError(response, 503, 'TEMPORARILY_UNAVAILABLE', 'down for a while')
  if (played.mode === 'shut' || (played.authorization !== null && request.headers.authorization !== played.authorization))
    return sendError(response, 401, 'UNAUTHENTICATED', 'You are not authenticated.')
  if (played.mode === 'drip') return drip(response)
  if (played.mode === 'lost') return void response.writeHead(404).end('<html>no such page</html>')
  if (played.mode === 'redirect') return void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  const path = url.pathname
  if (path === '/version') return void response.end('3.6.0')
  if (path.startsWith('/api/2.0/mlflow-artifacts/artifacts')) return artifacts(played, response, url)
  if (path === '/model-versions/get-artifact') return byName(played, response, url)
  const handler = calls[path.replace('/api/2.0/mlflow/', '')]
  if (handler === undefined) return sendError(response, 404, 'ENDPOINT_NOT_FOUND', `no ${path}`)
  const given = exchange.body === '' ? Object.fromEntries(url.searchParams) : (JSON.parse(exchange.body) as Record<string, string>)
  handler(played, response, given)
}

/** Answers without an end. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}

type Call = (played: PlayedMlflow, response: ServerResponse, given: Record<string, string>) => void

const calls: Record<string, Call> = {
  'registered-models/search': ({ models }, response, { filter }) => {
    const wanted = /ILIKE '%(.*)%'/.exec(filter ?? '')?.[1] ?? ''
    const names = Object.keys(models).filter((name) => name.toLowerCase().includes(wanted.toLowerCase()))
    // Like MLflow, an empty list is left out.
    sendJson(response, names.length === 0 ? {} : { registered_models: names.map((name) => modelOf(models, name)) })
  },
  'registered-models/get': ({ models }, response, { name }) =>
    models[name!] === undefined ? missing(response) : sendJson(response, { registered_model: modelOf(models, name!) }),
  'registered-models/alias': ({ models }, response, { name, alias }) => {
    const model = models[name!]
    if (model === undefined) return missing(response)
    const version = model.aliases[alias!]
    if (version === undefined) return sendError(response, 400, 'INVALID_PARAMETER_VALUE', `Registered model alias ${alias} not found.`)
    sendJson(response, { model_version: versionOf(name!, version, model.versions[version]!) })
  },
  'model-versions/search': ({ models }, response, { filter }) => {
    const name = /name = '(.*)'/.exec(filter ?? '')?.[1] ?? ''
    const versions = Object.entries(models[name]?.versions ?? {}).reverse()
    sendJson(response, versions.length === 0 ? {} : { model_versions: versions.map(([version, of]) => versionOf(name, version, of)) })
  },
  'model-versions/get': (played, response, { name, version }) => {
    const found = played.models[name!]?.versions[version!]
    if (found === undefined) missing(response)
    else sendJson(response, { model_version: versionOf(name!, version!, found) })
  },
  'model-versions/get-download-uri': (played, response, { name, version }) =>
    sendJson(response, {
      artifact_uri: played.models[name!]?.versions[version!]?.uri ?? `mlflow-artifacts:/7/${encodeURIComponent(name!)}/${version}`,
    }),
  'model-versions/set-tag': (played, response, { name, version, key, value }) => {
    const found = played.models[name!]?.versions[version!]
    if (found === undefined) return missing(response)
    found.tags = { ...found.tags, [key!]: value! }
    sendJson(response, {})
  },
  'runs/get': ({ runs }, response, { run_id: run }) =>
    runs[run!] === undefined ? missing(response) : sendJson(response, { run: runs[run!] }),
}

const modelOf = (models: PlayedMlflow['models'], name: string): object => ({
  ...{ name, creation_timestamp: 1_700_000_000_000, last_updated_timestamp: 1_700_000_000_000 },
  aliases: Object.entries(models[name]!.aliases).map(([alias, version]) => ({ alias, version })),
})

const versionOf = (name: string, version: string, of: PlayedVersion): object => ({
  ...{
    name,
    version,
    creation_timestamp: of.createdAt ?? 1_700_000_000_000,
    current_stage: 'None',
    status: of.status ?? 'READY',
    run_id: of.run ?? '',
  },
  tags: Object.entries(of.tags ?? {}).map(([key, value]) => ({ key, value })),
})

/** `7/<name>/<version>[/<path>]`, listed or handed out. */
function artifacts(played: PlayedMlflow, response: ServerResponse, url: URL): void {
  const listed = url.searchParams.get('path')
  const path = listed ?? decodeURIComponent(url.pathname.replace('/api/2.0/mlflow-artifacts/artifacts/', ''))
  const [, name = '', version = '', ...rest] = path.split('/')
  const files = played.models[name]?.versions[version]?.files ?? {}
  if (listed === null) return sendFile(played, response, files[rest.join('/')])
  const prefix = rest.length === 0 ? '' : `${rest.join('/')}/`
  const below = Object.keys(files).filter((file) => file.startsWith(prefix))
  const heads = [...new Set(below.map((file) => file.slice(prefix.length).split('/')[0]!))]
  sendJson(response, { files: heads.map((head) => ({ path: head, is_dir: !below.includes(`${prefix}${head}`) })) })
}

function byName(played: PlayedMlflow, response: ServerResponse, { searchParams }: URL): void {
  const version = played.models[searchParams.get('name') ?? '']?.versions[searchParams.get('version') ?? '']
  sendFile(played, response, version?.files[searchParams.get('path') ?? ''])
}

function sendFile({ mode }: PlayedMlflow, response: ServerResponse, file: Uint8Array | string | undefined): void {
  if (file === undefined) return missing(response)
  const bytes = Buffer.from(file)
  response.writeHead(200, { 'content-length': bytes.length })
  if (mode !== 'cut') return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

const missing = (response: ServerResponse): void => sendError(response, 404, 'RESOURCE_DOES_NOT_EXIST', 'Registered Model not found')
const sendJson = (response: ServerResponse, content: object): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content))
const sendError = (response: ServerResponse, status: number, code: string, message: string): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error_code: code, message }))
