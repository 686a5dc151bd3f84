import { Problem } from '../../../../shared/domain/problem.ts'
import type { MlflowSettings } from '../../../../shared/rpc/contract/sources.ts'
import type { SourceRow } from '../../store/fleet/sources.ts'
import type { MlflowServer } from './call.ts'

/** Names of this machine: what goes there is seen by nobody on the way. */
const ownMachine = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** What is wrong with where a tracking server is said to be; null: nothing. */
export function settingsProblem(settings: MlflowSettings): Problem | null {
  const url = URL.canParse(settings.url) ? new URL(settings.url) : null
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return new Problem('source.address', `'${settings.url.slice(0, 200)}' is no address of a tracking server: use https.`)
  if (url.username !== '' || url.password !== '')
    return new Problem('source.address', 'An address with a user name or password would show it to everybody who sees the source.', {
      hint: 'Give them apart: --username NAME --password-env VARIABLE',
    })
  if (url.search !== '' || url.hash !== '') return new Problem('source.address', 'The address of a tracking server has no ? and no #.')
  if (url.protocol === 'http:' && settings.auth.kind !== 'none' && !settings.allowsPlain && !ownMachine.test(url.hostname))
    return new Problem('source.address', `Over http everybody on the way to ${url.host} could read the secret.`, {
      hint: 'Use https, or allow it for a network that you trust: --allow-plain',
    })
  return null
}

/** The server of a source, with the secret. @throws Problem `source.secret` if it cannot be opened here, `source.address` */
export function serverOf(row: SourceRow, settings: MlflowSettings): MlflowServer {
  const { url, auth, ca } = settings
  if (row.isShut) throw new Problem('source.secret', `The secret of ${row.source} was sealed by a desktop whose key is not here.`)
  const problem = settingsProblem(settings)
  if (problem !== null) throw problem
  return { url, authorization: authorizationOf(auth), ca }
}

function authorizationOf(auth: MlflowSettings['auth']): string | null {
  if (auth.kind === 'none') return null
  if (auth.secret === null) throw new Problem('source.secret', 'The source has no secret.')
  return auth.kind === 'token'
    ? `Bearer ${auth.secret}`
    : `Basic ${Buffer.from(`${auth.username}:${auth.secret}`, 'utf8').toString('base64')}`
}
