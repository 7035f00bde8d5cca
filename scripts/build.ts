import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'

// Starts from an empty folder, because compiled files of deleted sources must not be published.
rmSync('dist', { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
chmodSync('dist/main.js', 0o755)
