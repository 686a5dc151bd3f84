import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { keyPairOf, makeKeyPair, privateKeyPem, SIGNING, type KeyPair } from './crypto.ts'

/**
 * A request for the certificate of a broker that others run. The key stays where the configuration is written.
 * @param kept a key that is there already, PEM
 * @throws Problem `certificate.key-invalid`
 */
export async function serverRequest(kept: string | null): Promise<{ key: string; csr: string }> {
  const pair = kept === null ? await makeKeyPair() : await pairOf(kept)
  const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=Muster broker', keys: pair, signingAlgorithm: SIGNING })
  return { key: kept ?? (await privateKeyPem(pair)), csr: Buffer.from(request.rawData).toString('base64') }
}

async function pairOf(pem: string): Promise<KeyPair> {
  try {
    return await keyPairOf(pem)
  } catch (error) {
    throw new Problem('certificate.key-invalid', `The key of the broker cannot be used: ${messageOf(error)}`, { cause: error })
  }
}
