import { type Mapping, mapping, type Value } from '../../runner/value.ts';

/** A template to render many times, and what it is rendered with. */
export interface RenderCase {
  readonly name: string;
  /** Templates that are compiled once; all of them are rendered in each round. */
  readonly templates: readonly string[];
  /** Whether compiling counts, too: each template is then compiled in each round. */
  readonly compiles: boolean;
  readonly variables: Mapping;
  /** Files that templates extend or include, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly rounds: number;
}

function users(count: number): Value[] {
  return Array.from({ length: count }, (_, index) =>
    mapping([
      ['name', `user${index}`],
      ['uid', 1000 + index],
      ['active', index % 3 !== 0],
      ['groups', [`g${index % 7}`, 'all']],
      ['home', `/home/user${index}`],
    ]),
  );
}

/** Facts as a host has them, about 100 kB as JSON. */
function facts(): Mapping {
  const devices = Array.from(
    { length: 120 },
    (_, index) =>
      [
        `device${index}`,
        mapping([
          ['size', `${index} GB`],
          ['holders', []],
          [
            'links',
            mapping([
              ['ids', [`id-${index}-a`, `id-${index}-b`]],
              ['labels', []],
              ['uuids', [`0000-${index}`]],
            ]),
          ],
          [
            'partitions',
            mapping(
              Array.from(
                { length: 4 },
                (_, part) =>
                  [
                    `part${part}`,
                    mapping([
                      ['start', `${part * 2048}`],
                      ['sectors', 409600 + part],
                      ['uuid', `${index}-${part}`],
                    ]),
                  ] as const,
              ),
            ),
          ],
        ]),
      ] as const,
  );
  const interfaces = Array.from(
    { length: 60 },
    (_, index) =>
      [
        `eth${index}`,
        mapping([
          ['mtu', 1500],
          ['active', true],
          [
            'ipv4',
            mapping([
              ['address', `10.0.${index}.1`],
              ['netmask', '255.255.255.0'],
              ['network', `10.0.${index}.0`],
            ]),
          ],
          [
            'features',
            mapping(Array.from({ length: 20 }, (_, feature) => [`feature_${feature}`, 'off [fixed]'] as const)),
          ],
        ]),
      ] as const,
  );
  return mapping([
    ['devices', mapping(devices)],
    ['interfaces', mapping(interfaces)],
    ['hostname', 'h1'],
  ]);
}

const item = '{{ loop.index }}: {{ user.name }} {{ user.uid + 1 }} {% if user.active %}on{% else %}off{% endif %}\n';
const macros = `{% macro inner(x, y=2) %}<{{ x }}:{{ y }}>{% endmacro %}
{% macro middle(list) %}{% for one in list %}{{ inner(one) }}{{ inner(one, y=one) }}{% endfor %}{% endmacro %}
{% macro outer(n) %}{% for k in range(n) %}[{{ middle([k, k + 1, k + 2]) }}]{% endfor %}{% endmacro %}
{{ outer(400) }}`;
const filters = `{{ users | selectattr('active') | map(attribute='name') | sort | join(',') }}
{{ users | rejectattr('uid', 'lt', 1100) | map(attribute='home') | unique | list | length }}
{{ users | groupby('active') | map('first') | list }}
{{ users | sum(attribute='uid') }} {{ users | sort(attribute='name', reverse=true) | map(attribute='uid') | first }}`;
const chain = `{% set v0 = 1 %}${Array.from({ length: 300 }, (_, index) => `{% set v${index + 1} = v${index} + ${index} %}`).join('')}{{ v300 }}`;
const small = Array.from(
  { length: 500 },
  (_, index) => `{{ a${index % 10} }}-${index}{% if b %} {{ a1 | default('x') | upper }}{% endif %}`,
);
const few: readonly (readonly [string, Value])[] = Array.from(
  { length: 10 },
  (_, index) => [`a${index}`, `value ${index}`] as const,
);

export const renderCases: readonly RenderCase[] = [
  {
    name: 'a loop of 5,000 items',
    templates: [`{% for user in users %}${item}{% endfor %}`],
    compiles: false,
    variables: mapping([['users', users(5000)]]),
    rounds: 15,
  },
  { name: 'nested macros', templates: [macros], compiles: false, variables: mapping(), rounds: 40 },
  {
    name: 'filters over lists of dicts',
    templates: [filters],
    compiles: false,
    variables: mapping([['users', users(1000)]]),
    rounds: 40,
  },
  {
    name: 'big text',
    templates: [`{% for n in range(50) %}${'plain text of a line that goes on. '.repeat(400)}{{ n }}\n{% endfor %}`],
    compiles: false,
    variables: mapping(),
    rounds: 60,
  },
  {
    name: 'inheritance',
    templates: [
      "{% extends 'child.j2' %}{% block body %}{{ super() }}{% for n in range(300) %}{{ n }},{% endfor %}{% endblock %}",
    ],
    compiles: false,
    variables: mapping([['title', 'T']]),
    files: {
      'base.j2':
        '<{% block head %}{{ title }}{% endblock %}>{% block body %}{% for n in range(300) %}[{{ n }}]{% endfor %}{% endblock %}</>',
      'child.j2':
        "{% extends 'base.j2' %}{% block head %}child {{ super() }}{% endblock %}{% block body %}{{ super() }}!{% endblock %}",
    },
    rounds: 100,
  },
  {
    name: 'many small templates, compiled each time',
    templates: small,
    compiles: true,
    variables: mapping([...few, ['b', true]]),
    rounds: 10,
  },
  { name: 'a deep chain of variables', templates: [chain], compiles: false, variables: mapping(), rounds: 200 },
  {
    name: '100 kB of facts',
    templates: [
      '{{ facts | to_json | length }} {% for name, one in facts.interfaces.items() %}{{ name }} {{ one.ipv4.address }} {{ one.features.feature_3 }}\n{% endfor %}{% for name in facts.devices | sort %}{{ facts.devices[name].partitions.part1.uuid }} {% endfor %}',
    ],
    compiles: false,
    variables: mapping([['facts', facts()]]),
    rounds: 60,
  },
];
