export interface NginxPaths {
  /** Where it writes; everything it needs is below it. */
  readonly folder: string
  /** Where the answers are. */
  readonly answers: string
  /** The module that lets an answer wait; null where it is not installed. */
  readonly echoModule: string | null
  /** How many files it may have open, connections counted. */
  readonly openFiles: number
}

export interface NginxPorts {
  readonly immediate: number
  readonly delayed: number
}

/** What the second port waits before each answer. Seconds. */
const DELAY = 0.005

/**
 * All servers keep their connections, some as many as they have requests at a time: nginx closes those that are idle where
 * it has too few, and who is just about to ask on one of them fails.
 */
const CONNECTIONS = 50_000

/** Enough for every answer that there is. */
const FILES = 120_000

/**
 * One worker on one core, with as many files kept open as half of what it may open: of one for which nothing is left it
 * says that it is not there. The answers carry neither a date of change nor a tag: Restcomm's
 * have none either, and some clients would cache by them.
 */
export const nginxConfig = ({ folder, answers, echoModule, openFiles }: NginxPaths, ports: NginxPorts): string => `
${echoModule === null ? '' : `load_module ${echoModule};`}
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections ${CONNECTIONS}; }
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
  open_file_cache max=${Math.min(FILES, Math.floor(openFiles / 2))} inactive=3600s;
  open_file_cache_valid 3600s;
  open_file_cache_errors off;
  etag off;
  root ${answers};
  map $arg_PageSize $answer {
    "" $uri.json;
    default $uri/$arg_Page-$arg_PageSize.json;
  }
  server {
    listen 127.0.0.1:${ports.immediate} backlog=4096;
    location / { add_header Last-Modified ""; try_files $answer =404; }
    location = /count { stub_status; }
  }
  ${echoModule === null ? '' : delayedServer(ports.delayed)}
}
`

const delayedServer = (port: number): string => `
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { echo_sleep ${DELAY}; echo_exec @answers; }
    location @answers { add_header Last-Modified ""; try_files $answer =404; }
    location = /count { stub_status; }
  }`
