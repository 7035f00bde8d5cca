import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'

// From nothing, so that what no longer has a source is not published.
rmSync('dist', { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
chmodSync('dist/main.js', 0o755)
