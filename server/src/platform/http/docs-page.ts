import type { OpenApiDocument, OpenApiOperation } from './openapi.js';

/** The API as one page that needs no script and nothing from anywhere else. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = document.tags.map(
    ({ name }) =>
      `<section id="${escape(name)}"><h2>${escape(name)}</h2>${operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => operationHtml(path, method, operation))
        .join('')}</section>`,
  );
  const links = document.tags.map(({ name }) => `<a href="#${escape(name)}">${escape(name)}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(document.info.title)}: API</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escape(document.info.title)}: API</h1>
<p>${escape(document.info.description)}</p>
<p>Base: <code>${escape(document.servers.map(({ url }) => url).join(', '))}</code> · <a href="/api/openapi.json">OpenAPI 3.1</a></p>
<nav>${links.join(' · ')}</nav></header>
<main>${sections.join('\n')}
<section id="problem"><h2>problem</h2>${schemaHtml('Every error', document.components['schemas'])}</section>
</main>
</body>
</html>
`;
}

function operationHtml(path: string, method: string, operation: OpenApiOperation): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map(
    ({ name, in: where, required, schema }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${where}${required ? ', required' : ''}</td><td><code>${escape(JSON.stringify(schema))}</code></td></tr>`,
  );
  return `<article id="${escape(operationId)}">
<h3><span class="method">${method.toUpperCase()}</span> <code>${escape(path)}</code></h3>
<p>${escape(summary)}</p><p class="access">${escape(description)}</p>
${rows.length === 0 ? '' : `<table>${rows.join('')}</table>`}
${requestBody === undefined ? '' : schemaHtml('Request body', requestBody.content)}
${schemaHtml('Answers', responses)}
</article>`;
}

function schemaHtml(title: string, schema: unknown): string {
  return `<details><summary>${escape(title)}</summary><pre tabindex="0">${escape(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: dark; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; background: #1e2530; color: #e6ebf2; font: 1rem/1.5 system-ui, sans-serif; }
a { color: #9cc4ff; } h2 { border-bottom: 1px solid #4a5566; padding-top: 1rem; }
article { padding: .25rem 0 .75rem; border-bottom: 1px solid #333d4b; } h3 { margin: .5rem 0 0; font-size: 1rem; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.5rem; color: #ffd479; } .access { color: #b6c2d2; } p { margin: .25rem 0; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; overflow-wrap: anywhere; } pre { overflow: auto; max-height: 30rem; background: #161b23; padding: .75rem; }
code, pre { font-size: .875rem; } summary { cursor: pointer; min-height: 24px; }`;
