# ---- Statistics, by R's own functions wherever it has them ---------------------------------------------------------------

summary_of <- function(x) {
  missing <- sum(is.na(x))
  x <- x[!is.na(x)]
  some <- length(x) > 0
  q <- if (some) quantile(x, c(0.25, 0.75, 0.05, 0.95), type = study$methods$quantile_type, names = FALSE) else rep(NA, 4)
  list(n = length(x), missing = missing, mean = if (some) mean(x) else NA, sd = if (length(x) > 1) sd(x) else NA,
       median = if (some) median(x) else NA, q1 = q[1], q3 = q[2], min = if (some) min(x) else NA,
       max = if (some) max(x) else NA, q05 = q[3], q95 = q[4])
}

proportion_interval <- function(x, n) {
  if (n == 0) return(c(NA, NA))
  exact <- study$methods$proportion_interval == "clopper-pearson"
  found <- if (exact) binom.test(x, n, conf.level = study$confidence) else wilson(x, n)
  if (exact) as.numeric(found$conf.int) else found
}

wilson <- function(x, n) {
  as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = study$confidence))$conf.int)
}

# Newcombe's hybrid score interval (1998): the distances to the Wilson limits of each share, combined.
risk_difference <- function(x1, n1, x2, n2) {
  if (study$methods$difference_interval != "newcombe") not_covered("the Miettinen-Nurminen interval")
  if (n1 == 0 || n2 == 0) return(list(estimate = NA, lower = NA, upper = NA))
  p1 <- x1 / n1
  p2 <- x2 / n2
  w1 <- wilson(x1, n1)
  w2 <- wilson(x2, n2)
  list(estimate = p1 - p2, lower = p1 - p2 - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2),
       upper = p1 - p2 + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2))
}

# Conditional odds ratio with exact limits: the distribution that fisher.test solves, solved to more digits.
odds_ratio <- function(x1, n1, x2, n2) {
  if (n1 == 0 || n2 == 0 || x1 + x2 == 0 || x1 + x2 == n1 + n2) return(list(estimate = NA, lower = NA, upper = NA))
  support <- max(0, x1 + x2 - n2):min(n1, x1 + x2)
  central <- dhyper(support, n1, n2, x1 + x2, log = TRUE)
  chances <- function(log_odds) { w <- central + log_odds * support; w <- exp(w - max(w)); w / sum(w) }
  solve_for <- function(f) exp(uniroot(f, c(-300, 300), tol = 1e-13, maxiter = 10000)$root)
  tail <- (1 - study$confidence) / 2
  top <- max(support)
  bottom <- min(support)
  list(estimate = if (x1 == bottom) 0 else if (x1 == top) Inf else solve_for(function(t) sum(chances(t) * support) - x1),
       lower = if (x1 == bottom) 0 else solve_for(function(t) sum(chances(t)[support >= x1]) - tail),
       upper = if (x1 == top) Inf else solve_for(function(t) sum(chances(t)[support <= x1]) - tail))
}

# Koopman's score interval of a risk ratio (1984): where Pearson's chi-square of the constrained fit is the quantile.
risk_ratio <- function(x1, n1, x2, n2) {
  if (n1 == 0 || n2 == 0 || x1 + x2 == 0) return(list(estimate = NA, lower = NA, upper = NA))
  z2 <- qnorm(1 - (1 - study$confidence) / 2)^2
  score <- function(log_ratio) {
    r <- exp(log_ratio)
    b <- r * (n1 + x2) + x1 + n2
    q2 <- min(2 * (x1 + x2) / (b + sqrt(max(b^2 - 4 * r * (n1 + n2) * (x1 + x2), 0))), 1)
    q1 <- min(r * q2, 1)
    apart <- x1 / n1 - r * x2 / n2
    if (apart == 0) return(-z2) # also where everybody of both groups has the outcome, and the variance is 0 too
    apart^2 / (q1 * (1 - q1) / n1 + r^2 * q2 * (1 - q2) / n2) - z2
  }
  middle <- if (x1 > 0 && x2 > 0) log((x1 / n1) / (x2 / n2)) else 0
  far <- 60
  root <- function(from, to) exp(uniroot(score, c(from, to), tol = 1e-13, maxiter = 10000)$root)
  list(estimate = if (x2 > 0) (x1 / n1) / (x2 / n2) else Inf,
       lower = if (x1 == 0) 0 else root(-far, if (x2 > 0) middle else far),
       upper = if (x2 == 0) Inf else root(if (x1 > 0) middle else -far, far))
}

# ---- Tables of counts -----------------------------------------------------------------------------------------------------

without_empty <- function(counts) counts[rowSums(counts) > 0, colSums(counts) > 0, drop = FALSE]

association <- function(counts) {
  counts <- without_empty(counts)
  if (any(dim(counts) < 2)) return(list(p_value = NA, method = "fisher-exact"))
  expected <- outer(rowSums(counts), colSums(counts)) / sum(counts)
  if (sum(counts) > study$methods$fisher_limit && min(expected) >= 5) return(chi_square(counts))
  list(p_value = fisher_p(counts), method = "fisher-exact")
}

fisher_p <- function(counts) {
  tryCatch(fisher.test(without_empty(counts), workspace = 2e7)$p.value,
           error = function(e) not_covered("Fisher's test of a table too large for fisher.test"))
}

chi_square <- function(counts) {
  found <- suppressWarnings(chisq.test(without_empty(counts), correct = FALSE))
  list(p_value = found$p.value, statistic = unname(found$statistic), method = "pearson-chi-square")
}

# ---- Ranks ------------------------------------------------------------------------------------------------------------------

# How often each sum of `take` of these whole numbers occurs, over all ways to take them: the permutation distribution.
sums_of <- function(scores, take) {
  scores <- as.integer(scores)
  least <- min(scores)
  shifted <- scores - least
  ways <- matrix(0, take + 1, sum(shifted) + 1)
  ways[1, 1] <- 1
  for (score in shifted) {
    moved <- cbind(matrix(0, take, score), ways[seq_len(take), seq_len(ncol(ways) - score), drop = FALSE])
    ways[-1, ] <- ways[-1, ] + moved
  }
  counts <- ways[take + 1, ]
  list(sum = which(counts > 0) - 1 + least * take, chance = counts[counts > 0] / sum(counts))
}

far_share <- function(scores, take, observed) {
  found <- sums_of(scores, take)
  middle <- take * sum(scores) / length(scores)
  min(1, sum(found$chance[abs(found$sum - middle) >= abs(observed - middle) - 1e-9]))
}

rank_sum <- function(x, y, limit = study$methods$exact_limit) {
  exact <- length(x) + length(y) <= limit
  method <- if (exact) "wilcoxon-exact" else "wilcoxon-normal"
  if (!length(x) || !length(y)) return(list(p_value = NA, method = method))
  ranks <- rank(c(x, y))
  u <- sum(ranks[seq_along(x)]) - length(x) * (length(x) + 1) / 2
  if (length(unique(ranks)) == 1) return(list(p_value = NA, statistic = u, method = method))
  if (!exact) {
    p <- suppressWarnings(wilcox.test(x, y, exact = FALSE, correct = TRUE))$p.value
  } else if (!anyDuplicated(ranks)) {
    p <- wilcox.test(x, y, exact = TRUE)$p.value
  } else {  # base R has no exact test with ties
    p <- far_share(2 * ranks, length(x), sum(2 * ranks[seq_along(x)]))
  }
  list(p_value = p, statistic = u, method = method)
}

# Exact permutation form of the linear-by-linear association of two groups with scores.
linear_by_linear <- function(x, y) {
  scores <- c(x, y)
  if (length(unique(scores)) == 1) return(list(p_value = NA, method = "linear-by-linear-exact"))
  list(p_value = far_share(scores, length(x), sum(x)), method = "linear-by-linear-exact")
}

compare_numbers <- function(samples, means = FALSE, levels = FALSE) {
  if (length(samples) == 2) {
    # ordered levels are few, so twice as many patients are compared exactly
    if (!means) return(rank_sum(samples[[1]], samples[[2]], study$methods$exact_limit * (if (levels) 2 else 1)))
    found <- tryCatch(t.test(samples[[1]], samples[[2]]), error = function(e) NULL)
    if (is.null(found)) return(list(p_value = NA, method = "welch-t"))
    return(list(p_value = found$p.value, statistic = unname(found$statistic), method = "welch-t"))
  }
  value <- unlist(samples)
  group <- factor(rep(seq_along(samples), lengths(samples)))
  if (means && all(vapply(samples, function(x) all(x == x[1]), NA))) return(list(p_value = NA, method = "anova"))
  found <- if (means) oneway.test(value ~ group, var.equal = TRUE) else kruskal.test(value, group)
  method <- if (means) "anova" else "kruskal-wallis"
  if (is.na(found$p.value)) return(list(p_value = NA, method = method))
  list(p_value = found$p.value, statistic = unname(found$statistic), method = method)
}

# Other tests of the same question, by method.
others_of_numbers <- function(samples, found, levels, logged) {
  if (length(samples) > 2) return(list(compare_numbers(samples, found$method == "kruskal-wallis")))
  x <- samples[[1]]
  y <- samples[[2]]
  if (found$method == "welch-t") return(list(rank_sum(x, y)))
  out <- list()
  if (found$method == "wilcoxon-exact") out <- list(rank_sum(x, y, 0))
  if (levels && length(x) + length(y) > 1000) return(out)
  if (levels) return(c(out, list(linear_by_linear(x, y))))
  means <- function(x, y) tryCatch(t.test(x, y)$p.value, error = function(e) NA)
  if (is.null(logged)) return(c(out, list(list(p_value = means(x, y), method = "welch-t"))))
  if (min(unlist(logged), Inf) <= 0) return(out)
  c(out, list(list(p_value = means(log(logged[[1]]), log(logged[[2]])), method = "geometric-ratio")))
}

others_of_counts <- function(counts, found) {
  if (found$method != "fisher-exact" && any(dim(counts) != 2) && sum(counts) > 1000) return(list())
  if (found$method != "fisher-exact") return(list(list(p_value = fisher_p(counts), method = "fisher-exact")))
  out <- list(list(p_value = chi_square(counts)$p_value, method = "pearson-chi-square"))
  if (any(dim(without_empty(counts)) != 2)) return(out)
  k <- without_empty(counts)
  half <- dhyper(k[1, 1], sum(k[, 1]), sum(k[, 2]), sum(k[1, ])) / 2
  c(list(list(p_value = found$p_value - half, method = "fisher-mid-p")), out)
}

tail_of <- function(values) values[length(values)]

# Median of all pairwise differences; limits by inverting the rank-sum test (Bauer 1972), with ties at the difference itself.
hodges_lehmann <- function(x, y) {
  none <- list(estimate = NA, lower = NA, upper = NA)
  if (!length(x) || !length(y)) return(none)
  steps <- sort(as.vector(outer(x, y, "-")))
  none$estimate <- median(steps)
  if (length(unique(x)) == 1 && length(unique(y)) == 1) return(none)
  exact <- length(x) + length(y) <= study$methods$exact_limit && study$methods$shift_interval == "exact"
  pairs <- length(steps)
  tail <- (1 - study$confidence) / 2
  if (!exact) {
    m <- length(x)
    n <- length(y)
    tied <- c(table(x), table(y))
    spread <- sqrt(m * n / 12 * (m + n + 1 - sum(tied^3 - tied) / ((m + n) * (m + n - 1))))
    step <- ceiling(pairs / 2 - 0.5 - qnorm(1 - tail) * spread)
    if (step < 1 && 1 - 2 * pnorm(-(pairs / 2 - 0.5) / spread) < study$confidence - 1e-12) return(none)
    step <- max(step, 1)
    return(list(estimate = none$estimate, lower = steps[step], upper = steps[pairs - step + 1]))
  }
  ranks <- rank(c(x, y))
  found <- sums_of(2 * ranks, length(x))
  # too few values: even the smallest and the largest difference are no limits of this confidence
  if (1 - found$chance[1] - tail_of(found$chance) < study$confidence - 1e-12) return(none)
  u <- found$sum / 2 - length(x) * (length(x) + 1) / 2
  least <- u[cumsum(found$chance) >= tail * (1 - 1e-12)][1]
  most <- rev(u)[cumsum(rev(found$chance)) >= tail * (1 - 1e-12)][1]
  if (!anyDuplicated(ranks)) {
    wins <- pairs - seq_len(pairs) + 1
    lower <- steps[wins > most]
    upper <- steps[wins <= least]
  } else {
    block <- cumsum(c(TRUE, diff(steps) > 1e-12 * max(abs(c(x, y)))))
    size <- tabulate(block)
    wins <- (pairs - cumsum(size) + size / 2)[block]
    lower <- steps[wins >= most]
    upper <- steps[wins <= least]
  }
  list(estimate = none$estimate, lower = if (length(lower)) max(lower) else steps[1],
       upper = if (length(upper)) min(upper) else steps[pairs])
}

welch <- function(x, y) {
  none <- list(estimate = NA, lower = NA, upper = NA)
  if (!length(x) || !length(y)) return(none)
  none$estimate <- mean(x) - mean(y)
  found <- tryCatch(t.test(x, y, conf.level = study$confidence), error = function(e) NULL)
  if (is.null(found)) return(none)
  list(estimate = none$estimate, lower = found$conf.int[1], upper = found$conf.int[2])
}

# Standardized mean differences as tableone has them; for several levels the Mahalanobis distance (Yang and Dalton 2012).
smd_numbers <- function(x, y) {
  if (length(x) < 2 || length(y) < 2) return(NA)
  spread <- sqrt((var(x) + var(y)) / 2)
  if (spread == 0) return(if (mean(x) == mean(y)) 0 else NA)
  abs(mean(x) - mean(y)) / spread
}

smd_levels <- function(a, b) {
  if (sum(a) == 0 || sum(b) == 0) return(NA)
  seen <- a + b > 0
  p <- (a[seen] / sum(a))[-1]
  q <- (b[seen] / sum(b))[-1]
  if (all(p == q)) return(0)
  s <- (diag(p, length(p)) - outer(p, p) + diag(q, length(q)) - outer(q, q)) / 2
  parts <- eigen(s, symmetric = TRUE)
  along <- as.vector(t(parts$vectors) %*% (p - q))
  usable <- parts$values > 1e-12
  if (any(abs(along[!usable]) > 1e-9)) return(NA)
  sqrt(sum(along[usable]^2 / parts$values[usable]))
}

# Probability that a value of x exceeds one of y, ties by half, with DeLong's limits.
superiority <- function(x, y) {
  if (!length(x) || !length(y)) return(list(estimate = NA, lower = NA, upper = NA))
  wins <- outer(x, y, function(a, b) (a > b) + (a == b) / 2)
  area <- mean(wins)
  variance <- if (min(dim(wins)) < 2) NA else var(rowMeans(wins)) / length(x) + var(colMeans(wins)) / length(y)
  if (is.na(variance) || variance < 1e-30) return(list(estimate = area, lower = NA, upper = NA))
  half <- qnorm(1 - (1 - study$confidence) / 2) * sqrt(variance)
  list(estimate = area, lower = max(area - half, 0), upper = min(area + half, 1))
}
