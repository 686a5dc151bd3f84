import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { LICENSES_FILE, licensesOf } from './licenses.ts'
import { leaveOutDescriptions } from './without-descriptions.ts'

/** The console that a development server asks: `npm run dev` starts both. */
const target = process.env['MUSTER_URL'] ?? 'http://127.0.0.1:8320'

/** Writes the licences of the packages that the page is made of beside it. */
function licenses(): Plugin {
  return {
    name: 'muster-licenses',
    apply: 'build',
    generateBundle() {
      const files = [...this.getModuleIds()].map((id) => id.split('?')[0]!.replace(/^\0/, ''))
      this.emitFile({ type: 'asset', fileName: LICENSES_FILE, source: licensesOf(files) })
    },
  }
}

// The UI as static files: the console's own server and Electron's `app://` protocol serve the same folder.
export default defineConfig({
  root: 'renderer',
  base: '/',
  plugins: [leaveOutDescriptions(), react(), licenses()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    // The page's policy has no `data:` for scripts, and small fonts must stay files that can be cached.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  html: { cspNonce: '__CSP_NONCE__' },
  server: {
    host: '127.0.0.1',
    proxy: {
      // The console answers its own origin only; the development server stands in for it.
      '/rpc': {
        target,
        ws: true,
        changeOrigin: true,
        configure: (proxy) => proxy.on('proxyReqWs', (request) => request.setHeader('origin', target)),
      },
      '/uploads': {
        target,
        changeOrigin: true,
        configure: (proxy) => proxy.on('proxyReq', (request) => request.setHeader('origin', target)),
      },
    },
  },
})
