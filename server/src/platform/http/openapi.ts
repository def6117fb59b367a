import { API_PREFIX, ENDPOINTS, problem, type Endpoint } from '@ioc/contract';
import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly description?: string;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, JsonSchema>>;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: JsonSchema;
}

const SESSION_SCHEME = 'session';
const PROBLEM_RESPONSE = { $ref: '#/components/responses/Problem' };

/** The API in OpenAPI 3.1, made from the endpoints of the contract and nothing else. */
export function openApiDocument(cookieName: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(ENDPOINTS)) {
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operationOf(name, endpoint);
  }
  const tags = [...new Set(Object.values<Endpoint>(ENDPOINTS).map(({ tag }) => tag))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'IOC console of Quảng Ngãi',
      version: '1',
      description:
        'JSON, camelCase. Times are RFC 3339 with an offset; names ending in Ms are milliseconds. Errors are problem details (RFC 9457) with a stable `code`; ' +
        'their texts are Vietnamese, or English with `Accept-Language: en`. Lists are paged with `limit` and `cursor`. ' +
        'Writes on shared things carry `If-Match` with the ETag that was read.',
    },
    servers: [{ url: API_PREFIX }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        [SESSION_SCHEME]: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieName,
          description: 'Set by POST /session for a person, by POST /session/display for a wall.',
        },
      },
      schemas: { Problem: schemaOf(problem, 'output') },
      responses: {
        Problem: {
          description: 'Problem details',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operationOf(name: string, endpoint: Endpoint): OpenApiOperation {
  return {
    operationId: name,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: accessWords(endpoint),
    security: endpoint.access === 'public' ? [] : [{ [SESSION_SCHEME]: [] }],
    parameters: [
      ...parametersOf(endpoint.params, 'path'),
      ...parametersOf(endpoint.query, 'query'),
      ...(endpoint.versioned === true && endpoint.method !== 'GET' ? [IF_MATCH] : []),
    ],
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(endpoint.body, 'input') } },
          },
        }),
    responses: { [String(endpoint.status ?? 200)]: successOf(endpoint), default: PROBLEM_RESPONSE },
  };
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: '428 without it; 412 when the version is no longer the current one',
  schema: { type: 'string', pattern: '^"\\d+"$' },
} as const;

function accessWords({ access }: Endpoint): string {
  if (access === 'public') return 'Open to everybody.';
  return access === 'session' ? 'For anybody signed in.' : `Needs the permission \`${access}\`.`;
}

function successOf(endpoint: Endpoint): JsonSchema {
  const headers =
    endpoint.versioned === true
      ? { headers: { ETag: { description: 'The version, quoted', schema: { type: 'string' } } } }
      : {};
  if (endpoint.response === undefined) return { description: 'Done', ...headers };
  const schema = schemaOf(endpoint.response, 'output');
  return {
    description: endpoint.summary,
    ...headers,
    content: { [endpoint.produces ?? 'application/json']: { schema } },
  };
}

const objectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query'): OpenApiOperation['parameters'] {
  if (schema === undefined) return [];
  const { properties, required } = objectSchema.parse(schemaOf(schema, 'input'));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // OpenAPI 3.1 speaks the default dialect; naming it in every schema says nothing.
  return Object.fromEntries(
    Object.entries(z.toJSONSchema(schema, { io, unrepresentable: 'any' })).filter(([key]) => key !== '$schema'),
  );
}
