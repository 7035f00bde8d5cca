export interface NginxPaths {
  /** nginx writes only below `folder`. */
  readonly folder: string
  readonly responses: string
  /** Path of the module that delays responses, or null if the module is not installed. */
  readonly echoModule: string | null
  /** Number of open files allowed per process. Each connection is an open file. */
  readonly openFileLimit: number
}

export interface NginxPorts {
  readonly immediate: number
  readonly delayed: number
}

const DELAY_S = 0.005

/**
 * Some servers keep an idle connection for each concurrent request. The maximum is high, because at the maximum nginx
 * closes idle connections, and a request just sent on a closed connection fails.
 */
const MAX_CONNECTIONS = 50_000

/** Must exceed the number of response files, so that all files fit into the file cache. */
const MAX_CACHED_FILES = 120_000

/**
 * The file cache uses at most half of the allowed open files, because nginx responds with 404 if no file descriptor is
 * free. As in Restcomm, responses have neither Last-Modified nor ETag, because some clients would cache by the headers.
 */
export function nginxConfig({ folder, responses, echoModule, openFileLimit }: NginxPaths, ports: NginxPorts): string {
  return `
${echoModule === null ? '' : `load_module ${echoModule};`}
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections ${MAX_CONNECTIONS}; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  default_type application/json;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  open_file_cache max=${Math.min(MAX_CACHED_FILES, Math.floor(openFileLimit / 2))} inactive=3600s;
  open_file_cache_valid 3600s;
  open_file_cache_errors off;
  etag off;
  root ${responses};
  map $arg_PageSize $response_file {
    "" $uri.json;
    default $uri/$arg_Page-$arg_PageSize.json;
  }
  server {
    listen 127.0.0.1:${ports.immediate} backlog=4096;
    location / { add_header Last-Modified ""; try_files $response_file =404; }
    location = /count { stub_status; }
  }
  ${echoModule === null ? '' : delayedServer(ports.delayed)}
}
`
}

function delayedServer(port: number): string {
  return `
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { echo_sleep ${DELAY_S}; echo_exec @response; }
    location @response { add_header Last-Modified ""; try_files $response_file =404; }
    location = /count { stub_status; }
  }`
}
