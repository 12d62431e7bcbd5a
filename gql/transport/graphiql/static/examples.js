// The operations that a new tab set starts with: who I am, and the two main flows, step by step.

const WHO_AM_I = `# Who is signed in, and what may they do?
query WhoAmI {
  viewer {
    admin { id name email office { id name } }
    customer { id displayName }
    permissions
  }
}
`;

const CUSTOMERS = `# Assign an account manager.
# Step 1: find the customer. "search" takes a name,
# an email, a phone number or a customer number.
query Customers(
  $search: String
  $filter: CustomerFilter
  $first: Int = 10
) {
  customers(
    search: $search
    filter: $filter
    first: $first
  ) {
    edges {
      node {
        id
        number
        displayName
        status
        version
        office { id name }
        accountManager { id name }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const ASSIGNABLE_MANAGERS = `# Step 2: pick a team member of an office.
# Copy the office's id from the customer list.
query AssignableManagers(
  $officeId: ID!
  $search: String
) {
  assignableManagers(
    officeId: $officeId
    search: $search
    first: 20
  ) {
    edges {
      node { id name email bookSize }
    }
  }
}
`;

const ASSIGN = `# Step 3: assign. Copy the ids from steps 1 and 2.
# Refusals come back in userErrors.
mutation AssignAccountManager(
  $input: AssignAccountManagerInput!
) {
  assignAccountManager(input: $input) {
    changed
    customer {
      id
      displayName
      version
      accountManager { id name }
    }
    assignment {
      id
      startedAt
      reason
      accountManager { name }
      assignedBy { name }
    }
    userErrors { code message field }
  }
}
`;

const GROUPS = `# Add a customer to a group.
# Step 1: find the group.
query Groups(
  $search: String
  $filter: GroupFilter
) {
  groups(
    search: $search
    filter: $filter
    first: 20
  ) {
    edges {
      node {
        id
        name
        status
        memberCount
        maximumMembers
        criteriaText
        createdAt
        updatedAt
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const ADD_MEMBER = `# Step 2: add the customer. Name them by one of
# customerId, email or number.
mutation AddGroupMember(
  $input: AddGroupMemberInput!
) {
  addGroupMember(input: $input) {
    group { id name memberCount maximumMembers }
    membershipEdge {
      since
      reason
      node { id displayName }
    }
    warnings { code message }
    userErrors {
      code
      message
      field
      currentMembers
      maximumMembers
    }
  }
}
`;

const tab = (query, variables = {}) => ({ query, variables: JSON.stringify(variables, null, 2) });

export const EXAMPLES = [
  tab(CUSTOMERS, { search: null, filter: { status: ["ACTIVE"] } }),
  tab(ASSIGNABLE_MANAGERS, { officeId: "", search: null }),
  tab(ASSIGN, { input: { customerId: "", accountManagerId: "", reason: "New portfolio" } }),
  tab(GROUPS, { search: null, filter: { status: ["ACTIVE"] } }),
  tab(ADD_MEMBER, { input: { groupId: "", email: "", reason: "Meets the criteria" } }),
  tab(WHO_AM_I),
];
