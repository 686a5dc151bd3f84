import { z } from 'zod'

/** One certificate as PEM; a certificate of a fleet has about 800 characters. */
export const certificatePem = z
  .string()
  .max(8192)
  .regex(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?$/, 'a certificate as PEM')

/** A PKCS#10 request, DER in base64. */
export const certificateRequestDer = z
  .string()
  .max(4096)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'PKCS#10 as base64')
